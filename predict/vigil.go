package predict

import (
	"container/heap"
	"time"
)

// vigil wakes a Scorer when somebody's silence is due, a dose that wasn't logged is to be
// asked about, or somebody is to be remembered. Records of the others, and ticks, are its clock. Deadlines move on with
// every reading, so an entry is only looked at when it comes up, and put back if its
// person has been heard of since: one entry a person, and what was passed over. One that comes up too late for a
// deadline that has moved back, as when readings begin again or a dose is deleted, is
// left where it is and passed over.
type vigil struct{ queue wakes }

type wake struct {
	at     int64 // in nanoseconds since 1970
	person *Person
}

type wakes []wake

func (w wakes) Len() int { return len(w) }
func (w wakes) Less(i, j int) bool {
	if w[i].at != w[j].at {
		return w[i].at < w[j].at
	}
	return w[i].person.patient < w[j].person.patient // the same order on every machine
}
func (w wakes) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(x any)   { *w = append(*w, x.(wake)) }
func (w *wakes) Pop() any {
	old := *w
	last := old[len(old)-1]
	old[len(old)-1] = wake{}
	*w = old[:len(old)-1]
	return last
}

// watch makes sure that p is waited for.
func (v *vigil) watch(p *Person) {
	due := p.deadline()
	if due.IsZero() || p.wake != 0 && p.wake <= due.UnixNano() {
		return
	}
	v.wait(p, due)
}

func (v *vigil) wait(p *Person, until time.Time) {
	p.wake = until.UnixNano()
	heap.Push(&v.queue, wake{p.wake, p})
}

// unheard is how long a person of whom nothing may be said, because all advice is
// stopped, waits to be looked at again.
const unheard = time.Minute

// due yields everybody of whom something is due at now, each once.
func (v *vigil) due(now time.Time, fn func(*Person)) {
	for len(v.queue) > 0 && v.queue[0].at <= now.UnixNano() {
		next := heap.Pop(&v.queue).(wake)
		p := next.person
		if next.at != p.wake {
			continue
		}
		p.wake = 0
		if due := p.deadline(); !due.IsZero() && !due.After(now) {
			fn(p)
		}
		if due := p.deadline(); !due.IsZero() && !due.After(now) {
			v.wait(p, now.Add(unheard)) // it would come up again at once, for ever
			continue
		}
		v.watch(p)
	}
}
