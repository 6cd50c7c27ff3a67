package lake

import (
	"cmp"
	"context"
	"slices"

	"github.com/titrate/titrate/ingest"
)

// Flush stores what is due, or all that is held if final, and returns how far
// each partition is stored that moved, also beside an error. After an error
// nothing is lost: what was not stored is still held.
//
// Where the budget is what makes it store, Flush returns before that is done, and a
// later call tells what became of it; ctx must last until then. It waits when the
// budget is spent, if the last try has failed, and if final.
func (w *Writer) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	if !final && !w.flight.over() && !w.spent() {
		return nil, nil
	}
	positions, err := w.land()
	for err == nil {
		due, crowded := w.due(final)
		if len(due) == 0 {
			break
		}
		beside := crowded && !final && !w.failed
		w.launch(ctx, due)
		if beside {
			break
		}
		var more []ingest.Position
		more, err = w.land()
		positions = append(positions, more...)
		if !final {
			break
		}
	}
	return positions, err
}

// spent reports whether the budget is used up, by what is held and what is in flight.
func (w *Writer) spent() bool {
	_, held := w.holdings()
	return held+w.flight.flying() >= w.options.RotateBytes
}

// holding is a partition and how many bytes it holds, without what was cut off.
type holding struct {
	*partition
	bytes int64
}

// due are the partitions to store now, the largest first, and whether that is for
// want of memory. What was cut off before and couldn't be stored comes before all else.
func (w *Writer) due(final bool) (due []*partition, crowded bool) {
	all, held := w.holdings()
	for _, p := range all {
		if p.cut != nil {
			due = append(due, p.partition)
		}
	}
	if len(due) > 0 {
		return due, false
	}
	now := w.options.Now()
	quarter := w.options.RotateBytes / 4
	crowded = held >= w.options.RotateBytes-quarter
	for _, p := range all {
		// Once a quarter of the budget is left, a quarter is stored while the last one
		// fills. Storing more at once would make the files smaller; storing less would
		// leave processors idle, so let several partitions wait for the store at once.
		free := crowded && held > w.options.RotateBytes/2
		old := !p.empty() && now.Sub(p.since) >= w.options.RotateAge
		if p.short() {
			continue
		}
		if final || free || old || p.open != nil || len(p.outcomes) >= w.options.RotateRows {
			due = append(due, p.partition)
			held -= p.bytes
		}
	}
	return due, crowded
}

// holdings are the partitions that hold something or have a claim to finish, the
// largest first, and what all of them hold.
func (w *Writer) holdings() (all []holding, held int64) {
	for _, p := range w.partitions {
		if !p.stored() || p.cut != nil {
			h := holding{p, p.size()}
			all = append(all, h)
			held += h.bytes
		}
	}
	slices.SortFunc(all, func(a, b holding) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.assigned.Number, b.assigned.Number),
			cmp.Compare(a.assigned.Topic, b.assigned.Topic))
	})
	return all, held
}
