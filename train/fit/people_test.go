package fit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/device"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// crowd is people's logs as cleansing leaves them, in the order they first came.
type crowd struct {
	names  []string
	events map[string][]cleanse.Event
	offset int64
	clean  *cleanse.Cleaner
}

func newCrowd() *crowd {
	return &crowd{events: map[string][]cleanse.Event{}, clean: cleanse.New()}
}

// take cleanses one message, as the ingest job and the scorer do.
func (c *crowd) take(key string, value []byte, seen time.Time) {
	record := ingest.Record{Offset: c.offset, Seen: seen, Key: []byte(key), Value: value}
	c.offset++
	v := c.clean.Clean(record)
	if v.Outcome != cleanse.Accepted && v.Outcome != cleanse.Late {
		return
	}
	if _, ok := c.events[v.Event.Patient]; !ok {
		c.names = append(c.names, v.Event.Patient)
	}
	c.events[v.Event.Patient] = append(c.events[v.Event.Patient], v.Event)
}

func (c *crowd) replay(fn func(string, []cleanse.Event) error) error {
	for _, name := range c.names {
		if err := fn(name, c.events[name]); err != nil {
			return err
		}
	}
	return nil
}

// virtual replays virtual people.
func virtual(t testing.TB, people, days int) train.Replay {
	t.Helper()
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	all, err := simulate.People(simulate.Options{Patients: people, Seed: 11, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd()
	for _, p := range all {
		take := func(at time.Time, w ingest.Wire) error {
			value, err := json.Marshal(w)
			c.take(p.Patient(), value, at)
			return err
		}
		if err := take(start, p.Profile()); err != nil {
			t.Fatal(err)
		}
		if err := p.Advance(start.AddDate(0, 0, days), take); err != nil {
			t.Fatal(err)
		}
	}
	return c.replay
}

// uom replays the ten adults of the T1D-UOM study, or skips.
func uom(t testing.TB) train.Replay {
	t.Helper()
	c := newCrowd()
	seen := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	_, err := device.Read("t1d-uom", []string{shared(t, "t1d_uom")}, device.Options{}, func(r device.Row) error {
		c.take(r.Key, r.JSON, seen)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.replay
}

// shared is a folder of the reference data beside the repository, or skips.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	folder := filepath.Join(dir, "../shared/data", name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("../shared/data not found: %s is trained on where it is", name)
	}
	return folder
}
