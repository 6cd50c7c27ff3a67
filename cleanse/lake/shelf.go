package lake

import "sort"

// shelf holds the rows of one table that wait to be claimed, in offset order.
type shelf[R any] struct {
	table *table[R]
	rows  []R
}

func (s *shelf[R]) add(r R) { s.rows = append(s.rows, r) }

// before is how many rows have an offset below next.
func (s *shelf[R]) before(next int64) int {
	return sort.Search(len(s.rows), func(i int) bool { return s.table.offset(&s.rows[i]) >= next })
}

// drop forgets the rows below next, which are stored.
func (s *shelf[R]) drop(next int64) {
	n := copy(s.rows, s.rows[s.before(next):])
	clear(s.rows[n:]) // so that payloads can be freed
	s.rows = s.rows[:n]
}

// files are the files that the rows of r make.
func (s *shelf[R]) files(r reach) []file {
	rows := s.rows[:s.before(r.next)]
	var files []file
	for _, sp := range s.table.arrange(rows) {
		files = append(files, file{
			FileEntry: FileEntry{Name: r.fileName(s.table.name, sp.day), Table: s.table.name, Rows: int64(len(sp.order))},
			encode:    func() ([]byte, error) { return s.table.encode(rows, sp.order) },
		})
	}
	return files
}

// file is a file that can be made.
type file struct {
	FileEntry
	encode func() ([]byte, error)
}

// shelves are the shelves of one partition.
type shelves struct {
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

	words words
}

func newShelves(t *tables) *shelves {
	return &shelves{
		raw: shelf[rawRow]{table: t.raw}, glucose: shelf[glucoseRow]{table: t.glucose},
		meals: shelf[mealRow]{table: t.meals}, insulin: shelf[insulinRow]{table: t.insulin},
		profiles: shelf[profileRow]{table: t.profiles}, responses: shelf[responseRow]{table: t.responses},
		activities: shelf[activityRow]{table: t.activities}, notes: shelf[noteRow]{table: t.notes},
		retractions:     shelf[retractionRow]{table: t.retractions},
		quarantine:      shelf[quarantineRow]{table: t.quarantine},
		recommendations: shelf[recommendationRow]{table: t.recommendations},
	}
}

// each is every shelf, in the order in which their files are claimed: raw is the
// slowest to encode, so it is begun first.
func (s *shelves) each() []interface {
	files(reach) []file
	drop(int64)
} {
	return []interface {
		files(reach) []file
		drop(int64)
	}{
		&s.raw, &s.glucose, &s.meals, &s.insulin, &s.profiles, &s.responses, &s.activities,
		&s.notes, &s.retractions, &s.quarantine, &s.recommendations,
	}
}

func (s *shelves) files(r reach) []file {
	var all []file
	for _, one := range s.each() {
		all = append(all, one.files(r)...)
	}
	return all
}

func (s *shelves) drop(next int64) {
	for _, one := range s.each() {
		one.drop(next)
	}
}
