package predict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// memoryVersion is raised when memory changes its meaning. The first one didn't say of which
// records it knows.
const memoryVersion = 2

// memory is what must be known of a person beyond the lookback.
type memory struct {
	Version  int      `json:"v"`
	Next     int64    `json:"next"` // the offset from which on events have yet to be added
	Settings *profile `json:"settings,omitempty"`
	Zone     string   `json:"zone,omitempty"`
	Former   string   `json:"former_zone,omitempty"`
	Facts    facts    `json:"facts"`
	Advice   advice   `json:"advice"`
	Habits   habits   `json:"habits"`
	books
}

// profile is Settings with the zone by name.
type profile struct {
	cleanse.Settings
	Zone string
}

// Memory is what must be known of the person beyond Lookback: settings, insulin and
// glucose of the week, the last exercise, long-acting dose and calibration, and what was
// advised. It is JSON.
func (p *Person) Memory() []byte {
	m := p.memory()
	p.desk.script = m.text(p.desk.script[:0])
	return bytes.Clone(p.desk.script)
}

// memory is what Memory says. Its books are the desk's until another is asked for.
func (p *Person) memory() memory {
	p.desk.books.take(&p.window)
	m := memory{Version: memoryVersion, Next: p.next, Facts: p.facts, Advice: p.advice, Habits: p.habits, books: p.desk.books}
	if s := p.window.Settings(); s != nil {
		m.Settings = &profile{*s, name(s.Zone)}
	}
	m.Zone = name(p.facts.Zone)
	if moved := p.facts.ZoneChanged; moved != nil {
		m.Former = name(moved.from)
	}
	return m
}

// Restore makes p the person of whom text was remembered. A replay of the lookback
// completes it.
func (p *Person) Restore(text []byte) error {
	m, err := p.remembered(text)
	if err != nil {
		return err
	}
	p.free()
	*p = Person{patient: p.patient, desk: p.desk, window: p.window, facts: m.Facts, advice: m.Advice, habits: m.Habits, next: m.Next, wake: p.wake}
	p.habits.zone = p.desk.named(m.Habits.Zone)
	p.facts.Zone = p.desk.named(m.Zone)
	if moved := p.facts.ZoneChanged; moved != nil {
		moved.from = p.desk.named(m.Former)
	}
	p.recall(&m)
	return nil
}

func (p *Person) remembered(text []byte) (m memory, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("memory of %s: %w", p.patient, err)
	}
	if m.Version != memoryVersion {
		return m, fmt.Errorf("memory of %s: version %d, this program knows %d", p.patient, m.Version, memoryVersion)
	}
	return m, nil
}

// Inform takes the settings out of text, which somebody remembers of the person who has
// read more of the log, if p has none. It is for who began to read before that was known.
func (p *Person) Inform(text []byte) error {
	if p.window.Settings() != nil {
		return nil
	}
	m, err := p.remembered(text)
	if err != nil || m.Settings == nil {
		return err
	}
	p.facts.ProfileAt, p.facts.ProfileID, p.facts.Zone = m.Facts.ProfileAt, m.Facts.ProfileID, p.desk.named(m.Zone)
	p.facts.SettingsAt = m.Facts.SettingsAt
	p.recallSettings(&m)
	return nil
}

// recall tells the window what it would know, had it seen the events.
func (p *Person) recall(m *memory) {
	tell := func(at time.Time, e cleanse.Event) {
		if !at.IsZero() {
			e.At = at
			p.window.Recall(&e)
		}
	}
	p.recallSettings(m)
	m.books.tell(&p.window)
	x := m.Facts.Exercise.exertion()
	tell(x.At, cleanse.Event{Kind: cleanse.Activity, Activity: cleanse.Exercise{Duration: x.Duration, Intensity: x.Intensity}})
	tell(m.Facts.SensorStart.time(), cleanse.Event{Kind: cleanse.Note, Note: cleanse.Remark{Code: "sensor-start"}})
	tell(m.Facts.Calibration.time(), cleanse.Event{Kind: cleanse.Note, Note: cleanse.Remark{Code: "calibration"}})
}

func (p *Person) recallSettings(m *memory) {
	if m.Settings == nil || m.Facts.ProfileAt == 0 {
		return
	}
	s := m.Settings.Settings
	s.Zone = p.desk.zone(m.Settings.Zone)
	p.window.Recall(&cleanse.Event{Kind: cleanse.Profile, At: m.Facts.ProfileAt.time(), ID: m.Facts.ProfileID, Profile: &s})
}

func name(zone *time.Location) string {
	if zone == nil {
		return ""
	}
	return zone.String()
}

// named is zone, but nil for no name.
func (d *desk) named(zone string) *time.Location {
	if zone == "" {
		return nil
	}
	return d.zone(zone)
}
