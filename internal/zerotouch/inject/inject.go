package inject

import (
	"embed"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

//go:embed race/*.go
var detector embed.FS

//go:embed raceruntime/*.go.txt runtime/*.go.txt sync/*.go.txt testing/*.go.txt time/*.go.txt context/*.go.txt semaphore/*.go.txt
var files embed.FS

// Available reports whether programs for a system and architecture record. Elsewhere
// they build and run as ever.
func Available(goos, goarch string) bool {
	return goos == "linux" && (goarch == "amd64" || goarch == "arm64")
}

// Sets returns what becomes of the packages of the standard library, anew with each call.
func Sets() []patch.Set {
	return []patch.Set{
		{Package: "runtime", Ops: append(runtimeOps(), proofOps()...), Files: filesOf("runtime"), Stamp: "concdoctorStamp"},
		{Package: "sync", Ops: syncOps(), Files: filesOf("sync")},
		{Package: "testing", Ops: testingOps(), Files: filesOf("testing")},
		{Package: "time", Ops: timeOps(), Files: filesOf("time")},
		{Package: "context", Ops: contextOps(), Files: filesOf("context")},
		{Package: "golang.org/x/sync/semaphore", Module: true, Ops: semaphoreOps(), Files: filesOf("semaphore")},
	}
}

// filesOf returns the files that are added to a package, with the layout of tapes among
// them for those that write one.
func filesOf(pkg string) []patch.File {
	added, err := patch.ReadFiles(files, pkg)
	if err != nil {
		panic(err) // they are embedded
	}
	if pkg == "runtime" || pkg == "sync" {
		added = append(added, patch.File{
			Name: "concdoctor_layout.go",
			Text: strings.Replace(tape.LayoutSource, "package tape", "package "+pkg, 1),
		})
	}
	return added
}
