package lake

import (
	"cmp"
	"slices"
)

// span is the rows of one day, in the order of their file.
type span struct {
	day   day
	order []int32
}

// arrange puts rows in the order of day, patient, time and arrival, and cuts them
// by day. ranks are the places of the patients, by number.
//
// Rows come nearly in the order of time, so they are dealt by patient and then by
// day, which takes no comparing, and a patient's day is sorted only where needed.
func arrange(marks []mark, ranks []uint32) []span {
	if len(marks) == 0 {
		return nil
	}
	days, dayOfMark := daysOf(marks)
	order := make([]int32, len(marks))
	for i := range order {
		order[i] = int32(i)
	}
	order = deal(order, len(ranks), func(i int32) uint32 { return ranks[marks[i].patient] })
	if len(days) > 1 {
		order = deal(order, len(days), func(i int32) uint32 { return dayOfMark[i] })
	}
	var spans []span
	for start, end := 0, 0; start < len(order); start = end {
		d := dayOfMark[order[start]]
		for end = start; end < len(order) && dayOfMark[order[end]] == d; {
			end += sortRun(marks, order[end:], func(i int32) bool { return dayOfMark[i] == d })
		}
		spans = append(spans, span{day: days[d], order: order[start:end]})
	}
	return spans
}

// sortRun sorts by time what order begins with: the rows of one patient among
// those of the day. It returns how many they are.
func sortRun(marks []mark, order []int32, ofDay func(int32) bool) int {
	first := &marks[order[0]]
	n, sorted := 1, true
	for n < len(order) && marks[order[n]].patient == first.patient && ofDay(order[n]) {
		sorted = sorted && marks[order[n-1]].time <= marks[order[n]].time
		n++
	}
	if !sorted {
		slices.SortStableFunc(order[:n], func(a, b int32) int { return cmp.Compare(marks[a].time, marks[b].time) })
	}
	return n
}

// daysOf are the days of rows, sorted, and for each row the index of its day.
func daysOf(marks []mark) (days []day, index []uint32) {
	known := map[day]uint32{}
	index = make([]uint32, len(marks))
	last, lastIndex := day(0), uint32(0)
	for i := range marks {
		d := dayOf(marks[i].time)
		if d != last || i == 0 {
			n, ok := known[d]
			if !ok {
				n = uint32(len(days))
				known[d] = n
				days = append(days, d)
			}
			last, lastIndex = d, n
		}
		index[i] = lastIndex
	}
	if slices.IsSorted(days) {
		return days, index
	}
	sorted := slices.Sorted(slices.Values(days))
	places := make([]uint32, len(days))
	for place, d := range sorted {
		places[known[d]] = uint32(place)
	}
	for i := range index {
		index[i] = places[index[i]]
	}
	return sorted, index
}

// deal is order sorted by pile, which is below piles; equals keep their order.
func deal(order []int32, piles int, pile func(int32) uint32) []int32 {
	starts := make([]int32, piles+1)
	for _, i := range order {
		starts[pile(i)+1]++
	}
	for i := range piles {
		starts[i+1] += starts[i]
	}
	dealt := make([]int32, len(order))
	for _, i := range order {
		p := pile(i)
		dealt[starts[p]] = i
		starts[p]++
	}
	return dealt
}
