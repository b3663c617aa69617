package inject

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// RacesAvailable reports whether programs for a system and architecture can watch their accesses to
// memory: those that record, as races are findings of the recording.
func RacesAvailable(goos, goarch string) bool { return Available(goos, goarch) }

// SetsForRaces is Sets for programs that watch their accesses to memory as well: the runtime's calls into
// the library of the race detector end in package race, which becomes a part of the runtime.
func SetsForRaces() []patch.Set {
	sets := Sets()
	for i := range sets {
		if sets[i].Package == "runtime" {
			sets[i].Without = []string{"race.go", "race_amd64.s", "race_arm64.s"}
			sets[i].Ops = append(sets[i].Ops, raceOps()...)
			sets[i].Files = slices.Concat(redirected(sets[i].Files), filesOf("raceruntime"), detectorFiles())
		}
	}
	return sets
}

func raceOps() []patch.Op {
	return []patch.Op{
		// The operations on pointers, which have write barriers, call those on words.
		patch.Body{Func: "sync_atomic_StoreUintptr", Insert: "ftStoreWord(ptr, new)"},
		patch.Body{Func: "sync_atomic_SwapUintptr", Insert: "return ftSwapWord(ptr, new)"},
		patch.Body{Func: "sync_atomic_CompareAndSwapUintptr", Insert: "return ftCasWord(ptr, old, new)"},
		patch.Signature{Func: "sync_atomic_StoreUintptr", Type: "func(ptr *uintptr, new uintptr)"},
		patch.Signature{Func: "sync_atomic_SwapUintptr", Type: "func(ptr *uintptr, new uintptr) uintptr"},
		patch.Signature{Func: "sync_atomic_CompareAndSwapUintptr", Type: "func(ptr *uintptr, old, new uintptr) bool"},

		// Calls that a recovered panic ends do not return.
		patch.Signature{Func: "recovery", Type: "func(gp *g)"},
		patch.Enter{Func: "recovery", Insert: "ftRecovers(gp)"},
		patch.Field{Struct: "_panic", Name: "sp", Type: "unsafe.Pointer"},

		// A goroutine has a name from the beginning.
		patch.Replace{Func: "newproc1", Old: "racegostart(callerpc)", New: "ftGo(callerpc, newg.goid)"},

		// Epochs can run out.
		patch.Before{Func: "gcMarkTermination", Call: "setGCPhase(_GCoff)", Insert: "if ftWantsReset { ftReset() }"},

		patch.Field{Struct: "g", Name: "racectx", Type: "uintptr"},
		patch.Field{Struct: "g", Name: "raceignore", Type: "int8"},
		patch.Exists{Name: "firstmoduledata"},
	}
}

// detectorFiles is package race as a part of package runtime, which stands for its surroundings.
func detectorFiles() []patch.File {
	names, err := fs.Glob(detector, "race/*.go")
	if err != nil {
		panic(err) // the pattern is one
	}
	var files []patch.File
	for _, name := range names {
		base := path.Base(name)
		if base == "host.go" || base == "doc.go" || strings.HasSuffix(base, "_test.go") {
			continue
		}
		text, err := detector.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		files = append(files, patch.File{
			Name: "concdoctor_race_" + base,
			Text: strings.Replace(string(text), "package race\n", "package runtime\n", 1),
		})
	}
	return files
}

// redirects are functions of the recorder that others call by name: with races, functions of the
// detector have these names, and call them.
var redirects = []string{
	"//go:linkname concdoctorAcquired sync.concdoctorAcquired\n",
	"//go:linkname concdoctorReleased sync.concdoctorReleased\n",
	"//go:linkname concdoctorTestBegin testing.concdoctorTestBegin\n",
}

func redirected(files []patch.File) []patch.File {
	files = slices.Clone(files)
	for _, line := range redirects {
		i := slices.IndexFunc(files, func(f patch.File) bool { return strings.Contains(f.Text, line) })
		files[i].Text = strings.Replace(files[i].Text, line, "", 1) // the recorder is of this package
	}
	return files
}
