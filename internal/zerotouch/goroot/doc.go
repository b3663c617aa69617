// Package goroot changes a whole Go tree instead of one compilation: for build systems
// and editors that do not call the go command, or do so out of reach.
//
// [Check] tries whether a patch list fits a tree, and writes nothing. [Shadow] makes a
// second tree beside the first: directories of its own, links to the first one's files,
// and in the patched packages the changed files. Used as GOROOT it builds observed
// programs for all of [Targets].
//
// A shadow is a picture of one release: it is to be made again when Go is updated. Unlike
// -toolexec it is silently lost where go.mod asks for another toolchain.
package goroot
