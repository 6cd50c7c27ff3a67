package kafka

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// progress knows which partitions are being read and which of them have not
// yet reached the end that they had when reading began.
//
// It compares positions and never counts records: transaction markers, aborted
// records and compaction leave offsets that no record has.
type progress struct {
	reading map[slot]struct{}
	behind  map[slot]int64 // the end still to be reached
}

func newProgress() *progress {
	return &progress{reading: map[slot]struct{}{}, behind: map[slot]int64{}}
}

// begin starts reading s at next; end is where its log ends now.
func (p *progress) begin(s slot, next, end int64) {
	p.reading[s] = struct{}{}
	if next < end {
		p.behind[s] = end
	} else {
		delete(p.behind, s)
	}
}

// await is for a partition that is to be read, but nobody knows from where yet.
func (p *progress) await(s slot) { p.begin(s, 0, math.MaxInt64) }

// reach says that everything of s before next was read.
func (p *progress) reach(s slot, next int64) {
	if end, ok := p.behind[s]; ok && next >= end {
		delete(p.behind, s)
	}
}

// drop forgets s.
func (p *progress) drop(s slot) {
	delete(p.reading, s)
	delete(p.behind, s)
}

// done reports whether something is read and all of it has reached its end.
func (p *progress) done() bool { return len(p.reading) > 0 && len(p.behind) == 0 }

// String names the partitions that haven't reached their end, and where that is.
func (p *progress) String() string {
	var left []string
	for at, end := range p.behind {
		left = append(left, fmt.Sprintf("%s up to offset %d", at, end))
	}
	slices.Sort(left)
	return strings.Join(left, ", ")
}
