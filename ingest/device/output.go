package device

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/titrate/titrate/ingest"
)

// output orders, encodes, counts and hands on.
type output struct {
	emit    func(Row) error
	summary Summary
}

// load reads s and counts its lines; the first headers lines that hold text are
// returned apart.
func (o *output) load(s source, headers int) (head, data []line, err error) {
	all, blank, err := s.lines()
	if err != nil {
		return nil, nil, err
	}
	headers = min(headers, len(all))
	o.summary.Blank += blank
	o.summary.Headers += headers
	o.summary.Lines += len(all) - headers
	return all[:headers], all[headers:], nil
}

// records is load for tables, whose quoted cells may run over several lines.
func (o *output) records(s source, headers int) (head, data []line, err error) {
	head, data, err = o.load(s, headers)
	data, more := joined(data)
	o.summary.Lines -= more
	o.summary.Joined += more
	return head, data, err
}

// person emits one person's drafts in time order. Those of one file must follow
// each other in the order of its lines.
func (o *output) person(drafts []draft) error {
	for _, d := range inOrder(drafts) {
		row, err := d.row()
		if err != nil {
			return err
		}
		o.count(d)
		if err := o.emit(row); err != nil {
			return fmt.Errorf("emit %s line %d: %w", d.file, d.src.number, err)
		}
	}
	return nil
}

func (o *output) count(d *draft) {
	o.summary.Events++
	o.summary.Kinds[d.wire.Type]++
	if d.wire.Defect != "" {
		o.summary.Defects++
	}
	switch {
	case d.src.number == 0:
		o.summary.Derived++
	case d.part > 0:
		o.summary.Split++
	}
}

// ignore counts a line that is about no moment, by what it is.
func (o *output) ignore(what string) {
	if o.summary.Ignored == nil {
		o.summary.Ignored = map[string]int{}
	}
	o.summary.Ignored[what]++
}

// people emits everyone's drafts, in the order of their ids.
func (o *output) people(all map[string][]draft) error {
	for _, patient := range slices.Sorted(maps.Keys(all)) {
		if err := o.person(all[patient]); err != nil {
			return err
		}
	}
	return nil
}

// inOrder sorts by time, equal times in their given order. A draft adrift takes
// the time of the one before it in its file, or, at the top, of the one after.
func inOrder(drafts []draft) []*draft {
	place := make([]time.Time, len(drafts))
	order := make([]int, len(drafts))
	for i := range drafts {
		order[i] = i
		place[i] = drafts[i].at
		if drafts[i].adrift {
			place[i] = neighbour(drafts, place, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return place[order[a]].Before(place[order[b]]) })
	sorted := make([]*draft, len(drafts))
	for i, j := range order {
		sorted[i] = &drafts[j]
	}
	return sorted
}

// neighbour is where to put drafts[i], whose own time is of no use.
func neighbour(drafts []draft, place []time.Time, i int) time.Time {
	if i > 0 && drafts[i-1].file == drafts[i].file {
		return place[i-1]
	}
	for _, d := range drafts[i:] {
		if d.file == drafts[i].file && !d.adrift {
			return d.at
		}
	}
	return time.Time{}
}

// history is the beginning of every wire event: of whom, and that it is past.
func history(kind, patient string) ingest.Wire {
	return ingest.Wire{Type: kind, Patient: patient, Backfill: true}
}
