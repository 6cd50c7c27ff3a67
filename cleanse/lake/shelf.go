package lake

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unsafe"
)

// shelf holds the rows of one table that wait to be claimed, packed and in offset
// order.
type shelf[R any] struct {
	table *table[R]
	store store
	marks []mark
	patients
	row     R // the one that is taken: as a local it would be allocated for each call
	scratch []byte
}

// mark is what must be known of a row to put it in its place.
type mark struct {
	time, offset int64
	patient      uint32 // its number
	spot
}

// add takes a row. Nothing that it points to is kept.
func (s *shelf[R]) add(r R) {
	s.row = r
	s.scratch = s.table.packing.pack(s.scratch[:0], &s.row)
	s.put(s.scratch, s.table.place(&s.row), s.table.offset(&s.row))
}

// put takes a packed row.
func (s *shelf[R]) put(packed []byte, p place, offset int64) {
	s.marks = append(s.marks, mark{time: p.time, offset: offset, patient: s.number(p.patient), spot: s.store.put(packed)})
}

// size is how many bytes of memory the rows need.
func (s *shelf[R]) size() int64 {
	return s.store.used + int64(len(s.marks))*int64(unsafe.Sizeof(mark{}))
}

// before is how many rows have an offset below next.
func (s *shelf[R]) before(next int64) int {
	return sort.Search(len(s.marks), func(i int) bool { return s.marks[i].offset >= next })
}

// drop forgets the rows below next, which are stored.
func (s *shelf[R]) drop(next int64) {
	n := s.before(next)
	if n == len(s.marks) {
		s.marks = s.marks[:0]
		s.store.clear()
		s.patients.clear()
		return
	}
	s.store.drop(s.marks[n].spot)
	s.marks = append(s.marks[:0], s.marks[n:]...)
}

// absorb takes the rows of another shelf of the table, which are behind its own.
func (s *shelf[R]) absorb(later anyShelf) {
	from := later.(*shelf[R])
	unpacker := s.table.packing.newUnpacker(1)
	for _, m := range from.marks {
		var row R
		unpacker.unpack(from.store.from(m.spot), &row)
		s.add(row)
	}
}

// files are the files that the rows of r make.
func (s *shelf[R]) files(r reach) []file {
	marks := s.marks[:s.before(r.next)]
	var files []file
	for _, sp := range arrange(marks, s.ranks()) {
		files = append(files, file{
			FileEntry: FileEntry{Name: r.fileName(s.table.name, sp.day), Table: s.table.name, Rows: int64(len(sp.order))},
			encode:    func(e *encoder) ([]byte, error) { return s.encode(e, marks, sp.order) },
		})
	}
	return files
}

func (s *shelf[R]) encode(e *encoder, marks []mark, order []int32) ([]byte, error) {
	l, err := s.table.layout()
	if err != nil {
		return nil, err
	}
	if l != nil {
		body, err := e.encode(l, s.table.pageFor(len(order)), len(order), func(i int) []byte { return s.store.from(marks[order[i]].spot) })
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", s.table.name, err)
		}
		return body, nil
	}
	unpacker := s.table.packing.newUnpacker(gather)
	return s.table.encode(len(order), func(i int, row *R) {
		unpacker.unpack(s.store.from(marks[order[i]].spot), row)
	})
}

// patients numbers the patients of a shelf's rows as they come. Number 0 is nobody.
type patients struct {
	numbers map[string]uint32
	names   []string
	last    uint32 // the number asked for last: a sender's events come in stretches
}

func (p *patients) number(name string) uint32 {
	if name == "" {
		return 0
	}
	if p.last > 0 && p.names[p.last] == name {
		return p.last
	}
	n, known := p.numbers[name]
	if !known {
		if p.numbers == nil {
			p.numbers = map[string]uint32{}
			p.names = []string{""}
		}
		name = strings.Clone(name) // it may lie in a record
		n = uint32(len(p.names))
		p.numbers[name] = n
		p.names = append(p.names, name)
	}
	p.last = n
	return n
}

// ranks are the places of the names, by number, among all names.
func (p *patients) ranks() []uint32 {
	if len(p.names) == 0 {
		return []uint32{0}
	}
	order := make([]uint32, len(p.names))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(p.names[a], p.names[b]) })
	ranks := make([]uint32, len(order))
	for rank, number := range order {
		ranks[number] = uint32(rank)
	}
	return ranks
}

func (p *patients) clear() { *p = patients{} }

// file is a file that can be made.
type file struct {
	FileEntry
	encode func(*encoder) ([]byte, error)
}

// shelves are the shelves of one partition.
type shelves struct {
	packer          packer
	raw             shelf[rawRow]
	glucose         shelf[glucoseRow]
	meals           shelf[mealRow]
	insulin         shelf[insulinRow]
	profiles        shelf[profileRow]
	responses       shelf[responseRow]
	activities      shelf[activityRow]
	notes           shelf[noteRow]
	retractions     shelf[retractionRow]
	quarantine      shelf[quarantineRow]
	recommendations shelf[recommendationRow]
	shadow          shelf[shadowRow]
	moments         shelf[momentRow]
}

func newShelves(t *tables, p *pool) *shelves {
	return &shelves{
		raw: newShelf(t.raw, p), glucose: newShelf(t.glucose, p), meals: newShelf(t.meals, p),
		insulin: newShelf(t.insulin, p), profiles: newShelf(t.profiles, p), responses: newShelf(t.responses, p),
		activities: newShelf(t.activities, p), notes: newShelf(t.notes, p), retractions: newShelf(t.retractions, p),
		quarantine: newShelf(t.quarantine, p), recommendations: newShelf(t.recommendations, p),
		shadow: newShelf(t.shadow, p), moments: newShelf(t.moments, p),
	}
}

func newShelf[R any](t *table[R], p *pool) shelf[R] { return shelf[R]{table: t, store: store{pool: p}} }

// anyShelf is a shelf of whatever rows.
type anyShelf interface {
	files(reach) []file
	absorb(later anyShelf)
	drop(next int64)
	size() int64
}

// each is every shelf, in the order in which their files are claimed: raw is the
// slowest to encode, so it is begun first.
func (s *shelves) each() [13]anyShelf {
	return [...]anyShelf{
		&s.raw, &s.glucose, &s.meals, &s.insulin, &s.profiles, &s.responses, &s.activities,
		&s.notes, &s.retractions, &s.quarantine, &s.recommendations, &s.shadow, &s.moments,
	}
}

func (s *shelves) files(r reach) []file {
	var all []file
	for _, one := range s.each() {
		all = append(all, one.files(r)...)
	}
	return all
}

func (s *shelves) absorb(later *shelves) {
	behind := later.each()
	for i, one := range s.each() {
		one.absorb(behind[i])
	}
}

func (s *shelves) drop(next int64) {
	for _, one := range s.each() {
		one.drop(next)
	}
}

func (s *shelves) size() (bytes int64) {
	for _, one := range s.each() {
		bytes += one.size()
	}
	return bytes
}
