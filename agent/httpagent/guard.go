package httpagent

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// guard answers requests for names that the service was not configured with. A page of a
// foreign site can let its own name lead to this address (DNS rebinding): then a browser
// takes the two for one site, reads these pages for it and posts to them. No such site can
// have the name localhost or a literal address.
func guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := hostname(r.Host); !isLocal(name) && !slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
			http.Error(w, untrusted.Line(fmt.Sprintf("these pages do not answer for the host %q: ask for localhost or an address, or name the host in httpagent.Handler", name)),
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostname is a Host header without its port, "" if there is none, as no browser sends.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ".")
}

// isLocal reports whether a name cannot be that of a foreign site: names below localhost are
// this machine's (RFC 6761, 6.3).
func isLocal(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil || name == "" || strings.EqualFold(name, "localhost") || strings.HasSuffix(strings.ToLower(name), ".localhost")
}
