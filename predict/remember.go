package predict

import (
	"time"

	"github.com/cespare/xxhash/v2"
)

// rememberEvery is how long what an event adds to the sums of days may take to get into
// memory. Until then a replay brings it, so it is well below Lookback: before the oldest of
// it there has to be what window and gates look back for (decision 71).
const rememberEvery = 6 * time.Hour

// rememberLater has p remembered some time after an event, unless it is to be already.
// Everybody has a moment of their own for it: midnight, at which days end, comes to all at
// once.
func (p *Person) rememberLater(seen time.Time) {
	if p.remember != 0 {
		return
	}
	const every = int64(rememberEvery / time.Second)
	own := int64(xxhash.Sum64String(p.patient) % uint64(every))
	p.remember = uint32((seen.Unix()-own)/every*every + own + every)
}

// rememberAt is when p is to be remembered; zero if there is nothing new to remember.
func (p *Person) rememberAt() time.Time {
	if p.remember == 0 {
		return time.Time{}
	}
	return time.Unix(int64(p.remember), 0)
}
