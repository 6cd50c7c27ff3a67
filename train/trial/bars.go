package trial

// part is the share of time in one range of glucose.
type part struct {
	Class, Label string
	Share        float64 // percent
}

// bar is the mean time in ranges of a group, from the lowest range up.
func bar(g *Group) []part {
	m := g.Means
	return []part{
		{"very-low", "below 54", m["tbr54"]},
		{"low", "54–69", m[below70] - m["tbr54"]},
		{"in-range", "70–180", m[inRange]},
		{"high", "181–250", m["tar180"] - m["tar250"]},
		{"very-high", "above 250", m["tar250"]},
	}
}
