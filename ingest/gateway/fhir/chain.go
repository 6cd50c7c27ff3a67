package fhir

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"github.com/titrate/titrate/ingest"
)

// chain is the ids of the events of one Observation's amendments, oldest first.
type chain []string

// before is what the event id stands in for: the amendment before it, or the final
// reading. One that is sent again stands where it stood.
func (c chain) before(id, final string) string {
	i := slices.Index(c, id)
	if i < 0 {
		i = len(c)
	}
	if i == 0 {
		return final
	}
	return c[i-1]
}

// with is the chain and id behind it, unless it is in it. c isn't changed.
func (c chain) with(id string) chain {
	if slices.Contains(c, id) {
		return c
	}
	return append(slices.Clone(c[max(0, len(c)-mostLinks+1):]), id)
}

// chains are the amendments of Observations, folded from the log: each must take the
// place of the one before it, which its sender doesn't name. It is safe for
// concurrent use.
type chains struct {
	mu    sync.RWMutex
	byKey map[string]chain
	order []string // the keys, oldest first
}

const (
	mostChains = 100_000
	mostLinks  = 64
)

func newChains() *chains { return &chains{byKey: map[string]chain{}} }

// keyOf names the chain of a patient's final reading.
func keyOf(patient, final string) string { return patient + "\x00" + final }

func (c *chains) of(key string) chain {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byKey[key]
}

// add notes that the event id is in the log.
func (c *chains) add(key, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, known := c.byKey[key]
	if !known {
		if c.order = append(c.order, key); len(c.order) > mostChains {
			delete(c.byKey, c.order[0])
			c.order = c.order[1:]
		}
	}
	c.byKey[key] = before.with(id)
}

// Observe folds one record of the log. cmd feeds it every record, so that a replica
// knows what others took, and what it took itself before it was restarted.
func (d *Door) Observe(rec ingest.Record) {
	if !bytes.Contains(rec.Value, []byte(`"fhir"`)) || !bytes.Contains(rec.Value, []byte(`"replaces"`)) {
		return
	}
	var e struct {
		ID   string   `json:"id"`
		FHIR resource `json:"fhir"`
	}
	if json.Unmarshal(rec.Value, &e) != nil || e.ID == "" || !e.FHIR.revises() {
		return
	}
	d.chains.add(keyOf(string(rec.Key), e.FHIR.finalID()), e.ID)
}

// SetReady says that what the log held was observed: until then no amendment is
// taken, since it might stand beside the one that it stands in for.
func (d *Door) SetReady() { d.ready.Store(true) }
