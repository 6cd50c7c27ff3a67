package gateway

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Keyring knows who may do what. All doors of a server share one: guesses at one
// count at the others. It is safe for concurrent use, and never gives a secret out.
type Keyring struct {
	plain, hashed locks
	penalty       *penalty
	address       func(*http.Request) string
	now           func() time.Time
}

// KeyringOptions configure a Keyring. Credentials and Now are required.
type KeyringOptions struct {
	Credentials []Credential
	Now         func() time.Time // the wall clock

	// Address is whose failed attempts count together; nil: Remote. Behind a proxy
	// it must be Behind: else one guesser locks everybody out.
	Address func(*http.Request) string
}

// NewKeyring is a keyring, or says which credential is missing or unsafe.
func NewKeyring(opts KeyringOptions) (*Keyring, error) {
	if len(opts.Credentials) == 0 || opts.Now == nil {
		return nil, errors.New("keyring: needs at least one credential, and a clock")
	}
	plain, hashed, err := newLocks(opts.Credentials)
	if err != nil {
		return nil, err
	}
	if opts.Address == nil {
		opts.Address = Remote
	}
	return &Keyring{plain: plain, hashed: hashed, penalty: newPenalty(), address: opts.Address, now: opts.Now}, nil
}

// Patients are those that a credential is tied to, in alphabetical order.
func (k *Keyring) Patients() []string {
	var all []string
	for _, l := range k.plain {
		if l.holder.Patient != Everybody {
			all = append(all, l.holder.Patient)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Bearer lets a request in by its header Authorization: Bearer.
func (k *Keyring) Bearer(r *http.Request) (Holder, *Refusal) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	return k.Admit(r, strings.TrimSpace(token))
}

// Admit lets a request in by a secret that it carries; an empty one is refused
// without counting as a guess.
func (k *Keyring) Admit(r *http.Request, secret string) (Holder, *Refusal) {
	return k.admit(r, k.plain.open(secret), secret)
}

// AdmitHashed is Admit for a secret or its SHA-1 in hexadecimal. Only Nightscout's
// doors use it: who reads such a digest on its way can use it as he could the secret.
func (k *Keyring) AdmitHashed(r *http.Request, secret string) (Holder, *Refusal) {
	found := k.hashed.open(strings.ToLower(secret))
	if found == nil {
		found = k.plain.open(secret)
	}
	return k.admit(r, found, secret)
}

// admit judges the lock that was found. Who has guessed wrong too often waits, even with the right secret: else the
// guessing could go on meanwhile.
func (k *Keyring) admit(r *http.Request, found *lock, secret string) (Holder, *Refusal) {
	if secret == "" {
		return Holder{}, unauthorized()
	}
	address, now := k.address(r), k.now()
	if wait := k.penalty.wait(address, now); wait > 0 {
		return Holder{}, later(wait, "too many wrong secrets from this address: retry later")
	}
	if found == nil {
		k.penalty.fail(address, secret, now)
		return Holder{}, unauthorized()
	}
	if wait := found.full(now); wait > 0 {
		return Holder{}, later(wait, "too many requests with these credentials: retry later")
	}
	return found.holder, nil
}

// full is how long the credential's holder must wait until one more request is
// within its rate.
func (l *lock) full(now time.Time) time.Duration {
	if l.limit == nil || l.limit.AllowN(now, 1) {
		return 0
	}
	r := l.limit.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}

func unauthorized() *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, Reason: "no valid token: send Authorization: Bearer TOKEN"}
}

func later(wait time.Duration, reason string) *Refusal {
	return &Refusal{Status: http.StatusTooManyRequests, Reason: reason, Retry: int(math.Ceil(wait.Seconds()))}
}
