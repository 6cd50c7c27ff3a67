package gateway

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

const (
	phrase = "this is my long pass phrase"
	sha    = "b723e97aa97846eb92d5264f084b2823f57c4aa1" // of phrase, from Nightscout's own tests
)

var start = time.Date(2024, 5, 2, 12, 0, 0, 0, time.UTC)

func TestUnsafeCredentialsAreRefused(t *testing.T) {
	good := Credential{Patient: "anna", Secret: phrase, Read: true}
	for name, all := range map[string][]Credential{
		"none":          nil,
		"short":         {{Patient: "anna", Secret: "eleven char", Read: true}},
		"empty":         {{Patient: Everybody, Read: true}},
		"nobody":        {{Secret: phrase, Read: true}},
		"useless":       {{Patient: "anna", Secret: phrase}},
		"negative rate": {{Patient: "anna", Secret: phrase, Read: true, Rate: -1}},
		"ends in space": {{Patient: "anna", Secret: phrase + " ", Read: true}},
		"long name":     {{Patient: strings.Repeat("a", 129), Secret: phrase, Read: true}},
		"twice":         {good, {Patient: "bert", Secret: phrase, Read: true}},
		"its own SHA":   {good, {Patient: "bert", Secret: sha, Read: true}},
		"its SHA first": {{Patient: "bert", Secret: sha, Read: true}, good},
	} {
		if _, err := NewKeyring(KeyringOptions{Now: time.Now, Credentials: all}); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), phrase) || strings.Contains(err.Error(), "eleven char") || strings.Contains(err.Error(), sha) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if _, err := NewKeyring(KeyringOptions{Now: time.Now, Credentials: []Credential{good}}); err != nil {
		t.Error(err)
	}
}

// gate is a keyring with its clock.
type gate struct {
	*Keyring
	now time.Time
}

func newGate(t *testing.T, all ...Credential) *gate {
	t.Helper()
	g := &gate{now: start}
	k, err := NewKeyring(KeyringOptions{Now: func() time.Time { return g.now }, Credentials: all})
	if err != nil {
		t.Fatal(err)
	}
	g.Keyring = k
	return g
}

// try gives the status and seconds to wait of a bearer's request; 0 is let in.
func (g *gate) try(secret, address string) (status, retry int) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = address
	r.Header.Set("Authorization", "Bearer "+secret)
	if _, refused := g.Bearer(r); refused != nil {
		return refused.Status, refused.Retry
	}
	return 0, 0
}

func TestSHA1IsForNightscoutOnly(t *testing.T) {
	g := newGate(t, Credential{Patient: "anna", Secret: phrase, Read: true})
	if status, _ := g.try(sha, "1.2.3.4:5"); status != 401 {
		t.Errorf("a bearer's SHA-1: %d", status)
	}
	r := httptest.NewRequest("GET", "/", nil)
	for _, secret := range []string{sha, strings.ToUpper(sha), phrase} {
		if who, refused := g.AdmitHashed(r, secret); refused != nil || who.Patient != "anna" {
			t.Errorf("%s: %+v", secret, refused)
		}
	}
}

func TestGuessingWaitsLongerEachTime(t *testing.T) {
	g := newGate(t, Credential{Patient: "anna", Secret: phrase, Read: true})
	for i := range freeFailures {
		if status, _ := g.try(fmt.Sprint("a guess ", i), "1.2.3.4:5"); status != 401 {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	if status, retry := g.try(phrase, "1.2.3.4:6"); status != 429 || retry != 5 {
		t.Fatalf("the right secret: %d, %d s", status, retry)
	}
	if status, _ := g.try(phrase, "1.2.3.5:6"); status != 0 {
		t.Errorf("another address: %d", status)
	}
	g.now = g.now.Add(5 * time.Second)
	if status, _ := g.try("a guess", "1.2.3.4:5"); status != 401 {
		t.Fatalf("after the wait: %d", status)
	}
	if _, retry := g.try(phrase, "1.2.3.4:5"); retry != 10 {
		t.Errorf("the second wait is %d s", retry)
	}
	g.now = g.now.Add(forgotten)
	if status, _ := g.try(phrase, "1.2.3.4:5"); status != 0 {
		t.Errorf("after an hour: %d", status)
	}
}

func TestARequestWithoutASecretIsNoGuess(t *testing.T) {
	g := newGate(t, Credential{Patient: "anna", Secret: phrase, Read: true})
	for range 3 * freeFailures {
		if status, _ := g.try("", "1.2.3.4:5"); status != 401 {
			t.Fatal(status)
		}
	}
	if status, _ := g.try(phrase, "1.2.3.4:5"); status != 0 {
		t.Errorf("status %d", status)
	}
}

// A page or a phone with an old secret repeats it for ever: that is no guessing.
func TestTheSameWrongSecretCountsOnce(t *testing.T) {
	g := newGate(t, Credential{Patient: "anna", Secret: phrase, Read: true})
	for i := range 10 * freeFailures {
		if status, _ := g.try(fmt.Sprint("an old secret ", i%2), "1.2.3.4:5"); status != 401 {
			t.Fatalf("try %d: %d", i, status)
		}
	}
	if status, _ := g.try(phrase, "1.2.3.4:5"); status != 0 {
		t.Errorf("the right secret: %d", status)
	}
}

func TestPenaltyIsBounded(t *testing.T) {
	p := newPenalty()
	for i := range 5 * maxAddresses {
		p.fail(fmt.Sprint(i), "a guess", start)
	}
	if n := len(p.young) + len(p.old); n > 2*maxAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
	if waitAfter(1000) != longestWait {
		t.Errorf("waits %v", waitAfter(1000))
	}
}

func TestRateIsPerCredential(t *testing.T) {
	g := newGate(t,
		Credential{Patient: "anna", Secret: phrase, Read: true, Rate: 0.5},
		Credential{Patient: "bert", Secret: "berts own long secret", Read: true, Rate: 0.5})
	for i := range 5 { // ten seconds' worth
		if status, _ := g.try(phrase, "1.2.3.4:5"); status != 0 {
			t.Fatalf("request %d: %d", i, status)
		}
	}
	if status, retry := g.try(phrase, "1.2.3.4:5"); status != 429 || retry != 2 {
		t.Errorf("%d, %d s", status, retry)
	}
	if status, _ := g.try("berts own long secret", "1.2.3.4:5"); status != 0 {
		t.Errorf("bert: %d", status)
	}
	g.now = g.now.Add(2 * time.Second)
	if status, _ := g.try(phrase, "1.2.3.4:5"); status != 0 {
		t.Errorf("later: %d", status)
	}
}

func TestAddressBehindProxies(t *testing.T) {
	behind := Behind([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"10.0.0.1:99", "203.0.113.7", "203.0.113.7"},
		{"10.0.0.1:99", "198.51.100.1, 203.0.113.7", "203.0.113.7"}, // the first is the sender's word
		{"10.0.0.1:99", "203.0.113.7, 10.0.0.2", "203.0.113.7"},
		{"203.0.113.9:99", "198.51.100.1", "203.0.113.9"}, // not through the proxy
		{"10.0.0.1:99", "", "10.0.0.1"},
		{"10.0.0.1:99", "nonsense", "10.0.0.1"},
		{"[fd00::1]:99", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
		{"pipe", "203.0.113.7", "pipe"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := behind(r); got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
