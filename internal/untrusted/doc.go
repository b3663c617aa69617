// Package untrusted cleans text from outside before a person or another program sees it:
// names of locks, functions, files and URLs, status lines and bodies of HTTP errors, words
// in logs and saved reports.
//
// A control character moves the cursor of a terminal or starts an escape sequence, in C1
// form (U+009B) without an ESC byte; a format character such as U+202E reverses what is
// read after it; XML knows no control characters, and Prometheus no text that is not UTF-8.
// All of them become U+FFFD, and so do bytes that are not UTF-8 and characters for private
// use, which package render marks emphasis with. Line breaks and tabs stay; joiners stay,
// since words of some languages need them.
//
// [Text] cleans a string, [Line] makes it one line as well, and [Clean] cleans every string
// within a value, such as a report. [JSON] escapes the same characters instead, so that a
// saved report is what it was when it is read again. Every output calls one of them:
// renderers, pages, metrics, the agent's findings, and the messages of the command.
//
// Limits: letters that look like others are left alone, and a line break in a name is text.
package untrusted
