package mobile

import "slices"

// forget takes what another event replaces off the chart, and reports whether it
// was on it.
func (c *chart) forget(id string) bool {
	if id == "" {
		return false
	}
	before := len(c.glucose) + len(c.meals) + len(c.insulin)
	c.glucose = slices.DeleteFunc(c.glucose, func(r Reading) bool { return r.id == id })
	c.meals = slices.DeleteFunc(c.meals, func(m Meal) bool { return m.id == id })
	c.insulin = slices.DeleteFunc(c.insulin, func(d Dose) bool { return d.id == id })
	return len(c.glucose)+len(c.meals)+len(c.insulin) < before
}
