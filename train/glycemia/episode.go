package glycemia

// Lows are the episodes of low glucose in a trace.
type Lows struct {
	Events    int
	Minutes   float64 // in episodes, all together
	Prolonged int     // of two hours or more
}

// What begins an episode, and ends it, in readings in a row: 15 minutes; and what
// makes it a prolonged one, in minutes (Battelino T et al., Lancet Diabetes
// Endocrinol 2023;11:42).
const (
	lasting   = 15 / Every
	prolonged = 120.0
)

// Episodes finds the episodes below a threshold in mg/dL: 15 minutes below it
// begin one, 15 minutes above it end it. The trace has a reading every five
// minutes.
func Episodes(mgdl []float64, below float64) (found Lows) {
	in, row, begun, last := false, 0, 0, 0
	for i, x := range mgdl {
		if (x < below) == in {
			if row = 0; in {
				last = i
			}
			continue
		}
		if row++; row < lasting {
			continue
		}
		row, in = 0, !in
		if in {
			begun, last = i-lasting+1, i
			continue
		}
		found.add(last - begun + 1)
	}
	if in {
		found.add(last - begun + 1)
	}
	return found
}

func (l *Lows) add(readings int) {
	minutes := float64(readings * Every)
	l.Events++
	l.Minutes += minutes
	if minutes >= prolonged {
		l.Prolonged++
	}
}
