// Package browser shows pages of concdoctor to a real browser in tests: a Chromium
// without a window, driven through its DevTools protocol by chromedp.
//
// [Open] starts it for one page. A test then clicks, asks what stands where, and may
// take a picture of it. Whatever the page asks of the network, prints as an error or
// throws is kept, and fails the test at its end: a report has to do without.
//
// It is for tests only: nothing else may import it, and layering_test.go sees to that.
package browser
