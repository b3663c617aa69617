package patch

import (
	"fmt"
	"go/build"
	"go/version"
	"io"
	"strconv"
	"strings"
)

// Target is what a package is compiled for.
type Target struct {
	GOOS, GOARCH string
	// GoVersion is that of the toolchain, as in "go1.26.8" or "go1.27rc1".
	GoVersion string
	// Tags hold beside those of system, architecture and release: "race", "msan",
	// "goexperiment.synctest".
	Tags []string
}

// holds reports whether a condition in the language of //go:build lines holds; the
// empty one does.
func (t *Target) holds(condition string) (bool, error) {
	if condition == "" {
		return true, nil
	}
	return t.Selects("condition.go", "//go:build "+condition+"\n\npackage p\n")
}

// Selects reports whether the go command would compile a file of that name and text.
func (t *Target) Selects(name, text string) (bool, error) {
	ctx := build.Context{
		GOOS: t.GOOS, GOARCH: t.GOARCH, Compiler: "gc", CgoEnabled: true,
		ToolTags: t.Tags, ReleaseTags: releases(t.GoVersion),
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
	}
	ok, err := ctx.MatchFile("", name)
	if err != nil {
		return false, fmt.Errorf("reading build constraints: %w", err)
	}
	return ok, nil
}

// releases are the tags that hold for a Go version: go1.1 to go1.N, and go1.N.1 to go1.N.M.
func releases(goVersion string) []string {
	var tags []string
	goVersion = normal(goVersion)
	lang := version.Lang(goVersion)
	minor, _ := strconv.Atoi(strings.TrimPrefix(lang, "go1."))
	for n := 1; n <= minor; n++ {
		tags = append(tags, fmt.Sprintf("go1.%d", n))
	}
	patch, _ := strconv.Atoi(strings.TrimPrefix(goVersion, lang+"."))
	for n := 1; n <= patch; n++ {
		tags = append(tags, fmt.Sprintf("%s.%d", lang, n))
	}
	return tags
}

// normal is the version without what the go command adds to it: experiments, and the
// commit of a development version.
func normal(goVersion string) string {
	goVersion, _, _ = strings.Cut(strings.TrimPrefix(goVersion, "devel "), " ")
	goVersion, _, _ = strings.Cut(goVersion, "-")
	return goVersion
}
