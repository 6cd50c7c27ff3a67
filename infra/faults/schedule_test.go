package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/ingest"
)

// fault is what goes wrong with one request.
type fault int

const (
	works fault = iota
	fails       // nothing happened, and the caller is told
	conflicts
	timesOut    // it happened, but the caller is told that it didn't
	crashBefore // the process ends before it happens
	crashAfter  // and after
	faults
)

// off are protections to do without. The suite must notice each.
type off struct {
	overwrite     bool // a put doesn't mind that its name is taken
	storedDecides bool // reading starts at the group's offset, which is committed before anything is stored
	openClaims    bool // a claim's done mark is always thought to be there
	readBack      bool // reading starts at what isn't stored, without the past that rules remember
	keepAmbiguous bool // after a put without an answer the object is removed
	sync          bool // a put returns before the object would outlive a crash
	atomicPut     bool // a put that failed leaves half an object
	resetIsError  bool // an assignment may begin at the end of the log
	sameName      bool // a file that is put again gets another name
	claimAgain    bool // a claim that failed isn't made again: what it names is stored all the same
	keepHeld      bool // what is held is forgotten while the store is waited for
	record        bool // a merge changes files without its record
}

// sim is one schedule.
type sim struct {
	random  *rand.Rand
	rate    int // one request in so many fails
	off     off
	store   *store
	log     log
	group   []int   // the member that owns each partition
	offsets []int64 // that the group has committed
	members []*member
	clock   time.Duration // what the members' clock is ahead: it goes with the requests, and jumps
	calm    bool          // from here on nothing fails
	dark    int           // for so many requests more the store is out of order
	outages int
	compact *member  // the compaction under way, if there is one
	temp    string   // where it sorts
	merges  int      // that were made
	beside  int      // fetches while the member that made them stored
	trace   []string // each request that was granted, and what became of it
	// ambiguous are objects to clean up, because the answer to their put was lost.
	ambiguous []string

	mu      sync.Mutex
	waiting []*request
}

// request waits to be granted.
type request struct {
	member *member
	what   string
	grant  chan fault
}

// member is one process of the ingest job.
type member struct {
	sim      *sim
	number   int
	cancel   context.CancelFunc
	ended    chan error
	crashed  bool
	unsynced []string        // objects that a crash takes along
	tried    map[string]bool // objects whose put was tried
}

// ask waits until the request is granted, then does it as the fault says.
func (m *member) ask(ctx context.Context, what string, do func(fault) error) error {
	r := &request{member: m, what: what, grant: make(chan fault)}
	m.sim.mu.Lock()
	m.sim.waiting = append(m.sim.waiting, r)
	m.sim.mu.Unlock()
	f := <-r.grant
	m.sim.mu.Lock()
	defer m.sim.mu.Unlock()
	if m.crashed {
		return errCrash
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return do(f)
}

// crash ends the process: nothing of it reaches store or log any more.
func (m *member) crash() {
	m.crashed = true
	m.cancel()
	if m.sim.off.sync {
		for _, name := range m.unsynced[max(0, len(m.unsynced)-8):] {
			if m.sim.random.IntN(2) == 0 {
				m.sim.store.remove(name)
			}
		}
	}
}

// start runs a member until it is cancelled, fails or crashes.
func (s *sim) start(number int) *member {
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{sim: s, number: number, cancel: cancel, ended: make(chan error, 1), tried: map[string]bool{}}
	writer := lake.NewWriter(door{m}, lake.WriterOptions{
		ID: fmt.Sprint("member ", number), RotateRows: 1 + s.random.IntN(40), RotateBytes: int64(500 + s.random.IntN(8000)),
		RotateAge: time.Duration(1+s.random.IntN(100)) * time.Minute, Now: s.now,
	})
	go func() {
		err := ingest.Run(ctx, &source{member: m, sink: writer, owned: map[int]int{}}, writer, ingest.Options{})
		writer.Close()
		m.ended <- err
	}()
	return m
}

// now is the members' clock, which jumps.
func (s *sim) now() time.Time { return time.Now().Add(s.clock) }

// run plays the schedule of a seed, and returns what is wrong afterwards.
func run(seed uint64, without off) (*sim, error) {
	s := newSim(seed, without)
	if err := s.play(); err != nil {
		return s, err
	}
	return s, s.judge()
}

func newSim(seed uint64, without off) *sim {
	random := rand.New(rand.NewPCG(seed, 1))
	s := &sim{random: random, rate: 3 + random.IntN(60), off: without, store: &store{objects: map[string][]byte{}}, log: newLog(random)}
	s.group, s.offsets = make([]int, len(s.log)), make([]int64, len(s.log))
	for range 1 + random.IntN(3) {
		s.members = append(s.members, s.start(len(s.members)))
	}
	for p := range s.group {
		s.group[p] = random.IntN(len(s.members))
	}
	return s
}

// longest is how many requests a schedule may take.
const longest = 30_000

// play grants requests until everything is stored, then lets the members finish.
func (s *sim) play() error {
	for n := range longest {
		s.calm = n > 3000 // even bad luck ends
		synctest.Wait()
		if err := s.revive(); err != nil {
			return s.stop(err)
		}
		synctest.Wait()
		if n%20 == 0 && s.stored() {
			return s.end()
		}
		s.chance()
		synctest.Wait() // for the first request of a compaction that began
		if !s.grant() {
			time.Sleep(time.Second) // all members wait for a timer
		}
	}
	return s.stop(errors.New("no progress: a member can't go on"))
}

// revive replaces members that have ended.
func (s *sim) revive() error {
	if s.compact != nil {
		select {
		case err := <-s.compact.ended:
			s.compact = nil
			if !injected(err) {
				return fmt.Errorf("compaction: %w", err)
			}
		default:
		}
	}
	for i, m := range s.members {
		select {
		case err := <-m.ended:
			if !injected(err) {
				m.ended <- err // for stop
				return fmt.Errorf("member %d: %w", i, err)
			}
			m.cancel()
			s.members[i] = s.start(i)
		default:
		}
	}
	return nil
}

// injected tells errors that the schedule made from those of the code.
func injected(err error) bool {
	return err == nil || errors.Is(err, errFault) || errors.Is(err, errCrash) || errors.Is(err, context.Canceled)
}

// chance moves partitions between members, sets clocks, has the store fail for a
// while, and starts compactions.
func (s *sim) chance() {
	if s.dark > 0 {
		s.dark--
	}
	if s.calm {
		s.dark = 0
		return
	}
	if s.dark == 0 && s.random.IntN(100) == 0 {
		s.dark = 10 + s.random.IntN(150)
		s.outages++
	}
	if s.compact == nil && s.random.IntN(200) == 0 {
		s.compact = s.startCompaction()
	}
	if s.random.IntN(40) == 0 {
		s.group[s.random.IntN(len(s.group))] = s.random.IntN(len(s.members))
	}
	if n := len(s.ambiguous); n > 0 && s.random.IntN(30) == 0 {
		s.store.remove(s.ambiguous[n-1])
		s.ambiguous = s.ambiguous[:n-1]
	}
	if s.random.IntN(100) == 0 {
		s.clock += time.Duration(s.random.IntN(7200)-3600) * time.Second
	}
}

// grant lets one request through. It tells whether there was any.
func (s *sim) grant() bool {
	s.mu.Lock()
	slices.SortFunc(s.waiting, func(a, b *request) int {
		if a.member.number != b.member.number {
			return a.member.number - b.member.number
		}
		return strings.Compare(a.what, b.what)
	})
	if len(s.waiting) == 0 {
		s.mu.Unlock()
		return false
	}
	s.clock += 5 * time.Second
	i := s.random.IntN(len(s.waiting))
	r := s.waiting[i]
	if r.what == "fetch" && slices.ContainsFunc(s.waiting, func(o *request) bool { return o.member == r.member && o != r }) {
		s.beside++
	}
	s.waiting = slices.Delete(s.waiting, i, i+1)
	s.mu.Unlock()
	f := s.fault(r)
	s.trace = append(s.trace, fmt.Sprint(r.member.number, " ", r.what, " ", f))
	r.grant <- f
	return true
}

// fault is what goes wrong with r. While the store is out of order all that is asked of
// it fails; what was put may have landed, which nobody is told.
func (s *sim) fault(r *request) fault {
	switch verb, _, _ := strings.Cut(r.what, " "); {
	case s.calm:
		return works
	case s.dark > 0 && verb == "put" && s.random.IntN(8) == 0:
		return timesOut
	case s.dark > 0 && slices.Contains([]string{"put", "open", "list", "remove"}, verb):
		return fails
	case s.random.IntN(s.rate) == 0:
		return fault(1 + s.random.IntN(int(faults)-1))
	}
	return works
}

// stored says whether done claims hold the whole log.
func (s *sim) stored() bool {
	for p := range s.log {
		name := fmt.Sprintf("_ledger/%s/%d/", topicID, p)
		var last string
		for _, n := range s.store.names() {
			if strings.HasPrefix(n, name) && strings.HasSuffix(n, ".json") {
				last = n
			}
		}
		body := string(s.store.objects[last])
		done := s.store.objects[strings.TrimSuffix(last, "json")+"done"] != nil || s.off.openClaims
		if !done || !strings.Contains(body, fmt.Sprintf(`"next": %d,`, s.log.end(p))) {
			return false
		}
	}
	return true
}

// stop ends all members in good order.
func (s *sim) stop(cause error) error {
	s.calm = true
	if s.compact != nil {
		s.members = append(s.members, s.compact)
	}
	for _, m := range s.members {
		m.cancel()
	}
	for left := len(s.members); left > 0; {
		synctest.Wait()
		for _, m := range s.members {
			select {
			case <-m.ended:
				left--
			default:
			}
		}
		if left > 0 && !s.grant() {
			time.Sleep(time.Second)
		}
	}
	return cause
}

// judge has the verifier account for the lake, and compares with what one reader
// of the whole log would have said.
func (s *sim) judge() error {
	report, err := audit.Run(context.Background(), s.store, s.log, audit.Options{})
	if err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("%d differences, the first: %v", report.Wrong, report.Differences[0])
	}
	if len(report.Partitions) != len(s.log) {
		return fmt.Errorf("%d partitions are in the lake, %d in the log", len(report.Partitions), len(s.log))
	}
	for _, p := range report.Partitions {
		number := int(p.Number)
		if want := s.log.counts(number); p.Counts != want || p.Open || p.Next != s.log.end(number) {
			return fmt.Errorf("partition %d: %+v, open %t, next %d; want %+v up to %d", number, p.Counts, p.Open, p.Next, want, s.log.end(number))
		}
	}
	return nil
}
