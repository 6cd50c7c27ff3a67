package audit

import "slices"

// mark is what is known of one offset.
type mark uint16

// Bits of a mark: the outcome that raw gives, the table that holds its other row,
// the table that its payload's type belongs to, and flags.
const (
	outcomeBits mark = 0x7 // 0: not in raw
	tableShift       = 3
	tableBits   mark = 0xf << tableShift // 0: in no other table
	kindShift        = 7
	kindBits    mark = 0xf << kindShift // 0: not known
	lateRow     mark = 1 << 11
	inLog       mark = 1 << 12
	dropped     mark = 1 << 13 // by compaction, which says so
)

// outcomes are raw's words, in the order of their numbers.
var outcomes = []string{"", "accepted", "late", "quarantined", "duplicate", "?"}

const (
	accepted = iota + 1
	late
	quarantined
	duplicate
	unknown
)

// tables are where the other row may be, in the order of their numbers.
var tables = []string{"", "glucose", "meals", "insulin", "profiles", "responses", "activities", "notes", "retractions",
	"quarantine", "recommendations", "shadow", "moments"}

// scored are the tables of what the scorer wrote.
var scored = []string{"recommendations", "shadow", "moments"}

// kinds are the tables of the wire event's types.
var kinds = map[string]int{
	"glucose": 1, "meal": 2, "insulin": 3, "profile": 4, "response": 5, "activity": 6, "note": 7, "retraction": 8,
}

func outcomeMark(word string) mark {
	n := slices.Index(outcomes, word)
	if n <= 0 {
		n = unknown
	}
	return mark(n)
}

func tableMark(table string) mark {
	return mark(max(0, slices.Index(tables, table))) << tableShift
}

func (m mark) outcome() int { return int(m & outcomeBits) }
func (m mark) table() int   { return int(m & tableBits >> tableShift) }
func (m mark) kind() int    { return int(m & kindBits >> kindShift) }

// problem is what is wrong with an offset, "" if nothing is.
func (m mark) problem(compared bool) (kind, note string) {
	o, t := m.outcome(), m.table()
	isEvent := t > 0 && tables[t] != "quarantine" // or one of what the scorer wrote
	wire := isEvent && !slices.Contains(scored, tables[t])
	switch {
	case compared && m&inLog != 0 && o == 0:
		return "lost", "the log has it and the lake doesn't"
	case compared && m&inLog == 0 && o != 0:
		return "invented", "the lake has it and the log doesn't"
	case o == 0 && t != 0:
		return "lost", "it has a row in " + tables[t] + " and none in raw"
	case o == unknown:
		return "outcome", "raw gives it an outcome that isn't known"
	case (o == accepted || o == late) && m&dropped != 0 && t == 0:
		return "", ""
	case m&dropped != 0:
		return "doubled", "compaction says that it left it out, but it is in " + tables[t]
	case (o == accepted || o == late) && !isEvent:
		return "lost", "raw says " + outcomes[o] + ", but no table of events has it" + elsewhere(t)
	case o == quarantined && tables[t] != "quarantine":
		return "lost", "raw says quarantined, but quarantine doesn't have it" + elsewhere(t)
	case o == duplicate && t != 0:
		return "doubled", "raw says duplicate, but it is in " + tables[t]
	case wire && (o == late) != (m&lateRow != 0):
		return "outcome", "raw and " + tables[t] + " disagree on whether it was late"
	case wire && m.kind() != 0 && m.kind() != t:
		return "table", "its type belongs to " + tables[m.kind()] + ", but it is in " + tables[t]
	}
	return "", ""
}

func elsewhere(t int) string {
	if t == 0 {
		return ""
	}
	return "; " + tables[t] + " has it"
}

// pageSize is how many offsets share a page of marks.
const pageSize = 4096

// marks are the marks of a partition's offsets, by page: a log that transactions
// or compaction thinned out costs no more than what it holds.
type marks map[int64]*[pageSize]mark

func (m marks) at(offset int64) *mark {
	p := m[offset/pageSize]
	if p == nil {
		p = new([pageSize]mark)
		m[offset/pageSize] = p
	}
	return &p[offset%pageSize]
}

// each calls fn with the marks that aren't empty of [start, next), in order.
func (m marks) each(start, next int64, fn func(offset int64, m mark)) {
	pages := make([]int64, 0, len(m))
	for p := range m {
		if p >= start/pageSize && p*pageSize < next {
			pages = append(pages, p)
		}
	}
	slices.Sort(pages)
	for _, p := range pages {
		for i, v := range m[p] {
			if o := p*pageSize + int64(i); v != 0 && o >= start && o < next {
				fn(o, v)
			}
		}
	}
}
