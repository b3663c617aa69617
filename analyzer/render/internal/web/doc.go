// Package web writes a report as one HTML page that needs nothing else: no network, no
// other file. It is for sending on and for reading slowly.
//
// The page is made by html/template from the files in assets. All pictures are SVG and
// computed here, so that the page shows everything without JavaScript; the script
// adds zooming in flame graphs, a reading of the charts under the pointer, and the
// way from a finding to its stacks.
//
// A report may come from anywhere, and a function's name may hold anything. The
// template package escapes by context, no text becomes markup, links lead within the
// page only, and a content security policy in the page lets nothing run or load but
// its own script and style, by their hashes.
//
// Pictures are in percent of a width that only the browser knows: what must not be
// stretched (text) stands in an svg element of its own at such a place.
package web
