package gateway

import (
	"crypto/sha1" // Nightscout's own digest of a secret; nothing is stored by it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/time/rate"
)

// Everybody is the Patient of a credential that isn't tied to one: of the app's own
// server, or of a service that sends for many.
const Everybody = "*"

// Credential lets whoever has Secret act for Patient.
type Credential struct {
	Patient string  // or Everybody
	Secret  string  // of a patient at least 12 characters, as Nightscout demands
	Read    bool    // what is kept of the patient
	Write   bool    // events of the patient
	Rate    float64 // requests a second, with bursts of ten seconds' worth; 0: no limit
}

// Holder is who was let in.
type Holder struct {
	Patient     string // or Everybody
	Read, Write bool
}

// Of reports whether the holder acts for patient.
func (h Holder) Of(patient string) bool { return h.Patient == Everybody || h.Patient == patient }

// lock is a credential as it is kept: a digest, not the secret.
type lock struct {
	digest [sha256.Size]byte
	holder Holder
	limit  *rate.Limiter // nil: no limit; shared by both forms of a secret
}

// shortest is the fewest characters of a patient's secret.
const shortest = 12

// burstSeconds is how many seconds' worth of requests may come at once: a phone
// that was out of reach sends what it kept.
const burstSeconds = 10

// locks are credentials by the beginning of their digest: there may be thousands.
type locks map[[8]byte]*lock

// put adds a lock, unless what opens it opens another already.
func (k locks) put(l *lock) bool {
	key := [8]byte(l.digest[:8])
	if k[key] != nil {
		return false
	}
	k[key] = l
	return true
}

// open is the lock that the secret opens, or nil. Digests of equal length are
// compared in constant time, so the time that a refusal takes says nothing about
// how close a guess was; and the look-up's depends on 8 bytes of a digest only.
func (k locks) open(secret string) *lock {
	sum := sha256.Sum256([]byte(secret))
	l := k[[8]byte(sum[:8])]
	if l == nil || subtle.ConstantTimeCompare(l.digest[:], sum[:]) != 1 {
		return nil
	}
	return l
}

// newLocks keeps credentials under the secret (plain) and under its SHA-1 in
// hexadecimal (hashed), as Nightscout's clients send it.
func newLocks(all []Credential) (plain, hashed locks, err error) {
	plain, hashed = locks{}, locks{}
	for _, c := range all {
		if err := c.check(); err != nil {
			return nil, nil, err
		}
		sum := sha1.Sum([]byte(c.Secret))
		sent := hex.EncodeToString(sum[:])
		l := &lock{digest: sha256.Sum256([]byte(c.Secret)), holder: Holder{Patient: c.Patient, Read: c.Read, Write: c.Write}}
		if c.Rate > 0 {
			l.limit = rate.NewLimiter(rate.Limit(c.Rate), max(1, int(c.Rate*burstSeconds)))
		}
		compat := *l
		compat.digest = sha256.Sum256([]byte(sent))
		if hashed.open(c.Secret) != nil || plain.open(sent) != nil || !plain.put(l) || !hashed.put(&compat) {
			return nil, nil, fmt.Errorf("the secret for %q stands twice: it can't say whose data it opens", c.Patient)
		}
	}
	return plain, hashed, nil
}

func (c Credential) check() error {
	switch {
	case c.Patient == "":
		return errors.New("a credential without a patient")
	case len(c.Patient) > maxPatient:
		return fmt.Errorf("the patient %.20q… of a credential is longer than %d bytes", c.Patient, maxPatient)
	case c.Secret == "":
		return fmt.Errorf("the secret for %q is empty: it would let anyone in", c.Patient)
	case len(c.Secret) < shortest && c.Patient != Everybody: // that one the operator sets himself
		return fmt.Errorf("the secret for %q is shorter than %d characters", c.Patient, shortest)
	case strings.TrimSpace(c.Secret) != c.Secret:
		return fmt.Errorf("the secret for %q begins or ends with a space, which a header can't carry", c.Patient)
	case !c.Read && !c.Write:
		return fmt.Errorf("the credential for %q may neither read nor write", c.Patient)
	case c.Rate < 0:
		return fmt.Errorf("the credential for %q has a negative rate", c.Patient)
	}
	return nil
}
