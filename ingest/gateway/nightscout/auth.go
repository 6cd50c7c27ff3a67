package nightscout

import (
	"crypto/sha1" // the API's own digest of a secret; nothing is stored by it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Credential lets whoever has Secret act for Patient.
type Credential struct {
	Patient string
	Secret  string // at least 12 characters, as Nightscout demands
	Read    bool
	Write   bool
}

// keyring finds the credential that a secret opens. It keeps digests only.
type keyring []lock

type lock struct {
	plain  [sha256.Size]byte // of the secret
	hashed [sha256.Size]byte // of the secret's SHA-1 in hexadecimal, as api-secret carries it
	holder holder
}

// holder is who was let in.
type holder struct {
	patient     string
	read, write bool
}

// shortest is the fewest characters of a secret.
const shortest = 12

func newKeyring(all []Credential) (keyring, error) {
	var k keyring
	seen := map[[sha256.Size]byte]bool{}
	for _, c := range all {
		digest := sha1.Sum([]byte(c.Secret))
		l := lock{
			plain:  sha256.Sum256([]byte(c.Secret)),
			hashed: sha256.Sum256([]byte(hex.EncodeToString(digest[:]))),
			holder: holder{c.Patient, c.Read, c.Write},
		}
		switch {
		case c.Patient == "":
			return nil, errors.New("nightscout: a credential without a patient")
		case len(c.Secret) < shortest:
			return nil, fmt.Errorf("nightscout: the secret for %q is shorter than %d characters", c.Patient, shortest)
		case seen[l.plain] || seen[l.hashed]:
			return nil, fmt.Errorf("nightscout: the secret for %q stands twice: it can't say whose data it opens", c.Patient)
		}
		seen[l.plain], seen[l.hashed] = true, true
		k = append(k, l)
	}
	if len(k) == 0 {
		return nil, errors.New("nightscout: needs at least one credential")
	}
	return k, nil
}

// open compares all locks, as digests of equal length and in constant time, so the
// time that a refusal takes says nothing about how close a guess was.
func (k keyring) open(secret string) (holder, bool) {
	sum := sha256.Sum256([]byte(secret))
	lower := sha256.Sum256([]byte(strings.ToLower(secret)))
	found := -1
	for i := range k {
		match := subtle.ConstantTimeCompare(sum[:], k[i].plain[:]) | subtle.ConstantTimeCompare(lower[:], k[i].hashed[:])
		found = subtle.ConstantTimeSelect(match, i, found)
	}
	if found < 0 {
		return holder{}, false
	}
	return k[found].holder, true
}

// offered is the secret that a request carries; empty if none. A request with two
// is judged by the first in this order.
func offered(r *http.Request, query url.Values) string {
	if s := strings.TrimSpace(r.Header.Get("Api-Secret")); s != "" {
		return s
	}
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") && token != "" {
		return strings.TrimSpace(token)
	}
	if s := query.Get("token"); s != "" {
		return s
	}
	return query.Get("secret")
}

// remoteAddress is the connection's: all of IPv4, the network half of IPv6, since
// whoever has one address of that half has all.
func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		half, _ := ip.Prefix(64) // can't fail: 64 is at most 128
		return half.String()
	}
	return ip.String()
}
