package mobile

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// The levels at which the page raises an alert, in mg/dL: the consensus limits of
// low (level 1), and an urgent low that can't be missed; high is level 2 of high.
const (
	urgentLow cleanse.MgdL = 55
	low       cleanse.MgdL = 70
	high      cleanse.MgdL = 250
)

// Alert is a glucose outside its limits now. It is news once per episode, not
// once per reading: alarms that repeat are alarms that get switched off.
type Alert struct {
	Code  string    `json:"code"`  // urgent_low, low, high, or clear when an episode ends
	Level string    `json:"level"` // critical, warning or info
	Note  string    `json:"note"`  // has no numbers: the page knows the reader's unit
	Since time.Time `json:"since"`
}

// alarm is the alert that r deserves, or nil.
func alarm(r Reading) *Alert {
	switch {
	case r.MgdL < urgentLow || r.Special == "low":
		return &Alert{Code: "urgent_low", Level: "critical", Since: r.Time,
			Note: "Very low. Take fast carbs now."}
	case r.MgdL < low:
		return &Alert{Code: "low", Level: "warning", Since: r.Time,
			Note: "Low. Take fast carbs."}
	case r.MgdL > high || r.Special == "high":
		return &Alert{Code: "high", Level: "warning", Since: r.Time,
			Note: "High. If it stays, check ketones."}
	}
	return nil
}

// raise compares the newest reading with the episode so far, and tells the
// streams if the episode began, changed or ended.
func (c *chart) raise(r Reading) {
	next := alarm(r)
	switch {
	case next == nil && c.alert == nil:
		return
	case next == nil:
		c.alert = nil
		c.feed.publish("alert", Alert{Code: "clear", Level: "info", Since: r.Time, Note: "Back within limits."})
	case c.alert == nil || c.alert.Code != next.Code:
		c.alert = next
		c.feed.publish("alert", *next)
	}
}
