package device

import "time"

// A run of rows is astray if it lies further than strayFar from the row before
// it while the row after it is within strayNear of that one again: a mistyped
// year. At most strayRun rows may be astray in a row, so that a person who
// really paused and came back is left alone; so is a file's end, where nothing
// tells a wrong year from a long pause.
const (
	strayFar  = 180 * 24 * time.Hour
	strayNear = 60 * 24 * time.Hour
	strayRun  = 8
)

// markStrays makes the rows of one file that are astray defects.
func markStrays(drafts []draft) {
	for _, i := range strays(drafts) {
		drafts[i].adrift = true
		drafts[i].fault("the date is more than 180 days from the rows before and after it, which are close to each other: likely a wrong year")
	}
}

// strays finds the drafts of one file, in the order of its lines, whose date is
// far from both neighbours. It returns their indices.
func strays(drafts []draft) []int {
	var found []int
	last := -1 // the latest row whose date is believed
	for i := range drafts {
		switch {
		case drafts[i].adrift:
		case last >= 0 && gap(drafts[last], drafts[i]) > strayFar && returns(drafts, last, i):
			found = append(found, i)
		default:
			last = i
		}
	}
	return found
}

// returns reports whether the rows from i on come back near drafts[last].
func returns(drafts []draft, last, i int) bool {
	for j := i + 1; j < len(drafts) && j <= i+strayRun; j++ {
		if !drafts[j].adrift && gap(drafts[last], drafts[j]) <= strayNear {
			return true
		}
	}
	return false
}

func gap(a, b draft) time.Duration { return b.at.Sub(a.at).Abs() }
