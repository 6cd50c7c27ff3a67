package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Remote is the connection's address: all of IPv4, the network half of IPv6, since
// whoever has one address of that half has all.
func Remote(r *http.Request) string {
	ip, ok := remoteIP(r)
	if !ok {
		return r.RemoteAddr
	}
	return network(ip)
}

// Behind is the address that the nearest of the proxies saw: the last of
// X-Forwarded-For that isn't a proxy's own. What stands before it the sender may
// have invented, and what another than a proxy claims isn't read at all.
func Behind(proxies []netip.Prefix) func(*http.Request) string {
	trusted := func(ip netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	return func(r *http.Request) string {
		ip, ok := remoteIP(r)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for ok && trusted(ip) && len(hops) > 0 {
			before, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
			if err != nil {
				break
			}
			ip, hops = before.Unmap().WithZone(""), hops[:len(hops)-1]
		}
		if !ok {
			return r.RemoteAddr
		}
		return network(ip)
	}
}

func remoteIP(r *http.Request) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err == nil
}

func network(ip netip.Addr) string {
	if ip.Is6() {
		half, _ := ip.Prefix(64) // can't fail: 64 is at most 128
		return half.String()
	}
	return ip.String()
}
