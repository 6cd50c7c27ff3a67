package gateway

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

const (
	freeFailures = 5 // wrong secrets of an address before it must wait
	firstWait    = 5 * time.Second
	longestWait  = 10 * time.Minute
	forgotten    = time.Hour // without a further failure

	// maxAddresses bounds each of the two generations of a penalty.
	maxAddresses = 4096
)

// penalty makes an address wait longer after each wrong secret. It holds nobody's
// connection: whoever must wait is told so. It remembers at most two generations of
// maxAddresses; when the younger is full the older is forgotten.
type penalty struct {
	mu         sync.Mutex
	young, old map[string]failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time         // zero: needn't wait
	tried [maxTried][8]byte // beginnings of the digests of the latest wrong secrets
}

// maxTried is how many wrong secrets of an address are remembered.
const maxTried = 4

func newPenalty() *penalty { return &penalty{young: map[string]failures{}} }

// wait is how long the address must still wait at now; 0 if it needn't.
func (p *penalty) wait(address string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.of(address, now).until.Sub(now))
}

// fail counts a wrong secret. One that was tried just before counts once: a phone
// whose secret was changed repeats the old one for ever, and learns nothing by it, but
// would lock out everybody behind the same router. A right one doesn't clear the
// count: else one who has a secret of his own could guess another's between two uses
// of it.
func (p *penalty) fail(address, secret string, now time.Time) {
	sum := sha256.Sum256([]byte(secret))
	tried := [8]byte(sum[:8])
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.of(address, now)
	if f.count > 0 && slices.Contains(f.tried[:min(f.count, maxTried)], tried) {
		return
	}
	f.tried[f.count%maxTried] = tried
	f.count, f.last = f.count+1, now
	if excess := f.count - freeFailures; excess >= 0 {
		f.until = now.Add(waitAfter(excess))
	}
	if _, known := p.young[address]; !known && len(p.young) == maxAddresses {
		p.young, p.old = map[string]failures{}, p.young
	}
	p.young[address] = f
}

// waitAfter doubles from firstWait to longestWait.
func waitAfter(excess int) time.Duration {
	wait := firstWait
	for ; excess > 0 && wait < longestWait; excess-- {
		wait *= 2
	}
	return min(wait, longestWait)
}

func (p *penalty) of(address string, now time.Time) failures {
	f, ok := p.young[address]
	if !ok {
		f = p.old[address]
	}
	if now.Sub(f.last) >= forgotten && !f.until.After(now) {
		return failures{}
	}
	return f
}
