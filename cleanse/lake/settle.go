package lake

import (
	"sync"
)

// settler makes what many goroutines wrote durable, one sync for all of them.
//
// A claim of a backfill has hundreds of small files, one a day and table. A sync
// for each file and each directory entry takes a few milliseconds of waiting per
// file; a sync of the whole file system takes hardly longer than one of them.
//
// Whoever calls settle has written before; so a round may only serve those who
// joined it before its sync began. Late comers gather for the next one, which
// waits for the present one to end.
type settler struct {
	sync func() error

	mu     sync.Mutex
	next   *round // gathering; nil if nobody waits
	atWork sync.Mutex
}

// round is one sync and those who wait for it.
type round struct {
	done chan struct{}
	err  error
}

// settle returns once everything that the caller wrote before is durable, or the
// error of the sync that should have made it so.
func (s *settler) settle() error {
	s.mu.Lock()
	r := s.next
	leads := r == nil
	if leads {
		r = &round{done: make(chan struct{})}
		s.next = r
	}
	s.mu.Unlock()
	if leads {
		s.lead(r)
	}
	<-r.done
	return r.err
}

func (s *settler) lead(r *round) {
	s.atWork.Lock() // meanwhile others join
	defer s.atWork.Unlock()
	s.mu.Lock()
	s.next = nil
	s.mu.Unlock()
	r.err = s.sync()
	close(r.done)
}
