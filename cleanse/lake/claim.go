package lake

import (
	"fmt"

	"github.com/titrate/titrate/ingest"
)

// Claim says that the offsets [Start, Next) of a partition are stored in Files,
// or will be: a claim is made before its files, and finished by whoever owns the
// partition, which need not be who made it.
type Claim struct {
	Topic     string      `json:"topic"`
	TopicID   string      `json:"topic_id"`
	Partition int32       `json:"partition"`
	Start     int64       `json:"start"`
	Next      int64       `json:"next"`
	Schema    int         `json:"schema"`             // SchemaVersion of the writer
	Rules     int         `json:"rules"`              // cleanse.RulesVersion of the writer
	Rulebook  string      `json:"rulebook,omitempty"` // cleanse.Book.Hash: what its operator changed of the rules
	Counts    Counts      `json:"counts"`
	Files     []FileEntry `json:"files"`
	Writer    string      `json:"writer"`
	Gap       *Gap        `json:"gap,omitempty"` // why the range holds nothing, if it was given up
}

// Counts are numbers of records. Read is the sum of the others.
type Counts struct {
	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"`
	Duplicate   int64 `json:"duplicate"`
	Late        int64 `json:"late"`
}

// Plus is the sum of c and d.
func (c Counts) Plus(d Counts) Counts {
	return Counts{
		Read: c.Read + d.Read, Accepted: c.Accepted + d.Accepted, Quarantined: c.Quarantined + d.Quarantined,
		Duplicate: c.Duplicate + d.Duplicate, Late: c.Late + d.Late,
	}
}

// FileEntry is a file of a claim.
type FileEntry struct {
	Name  string `json:"name"`
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// reach is a range of offsets of one partition.
type reach struct {
	partition   ingest.Partition
	start, next int64
}

func ledgerFolder(p ingest.Partition) string {
	return fmt.Sprintf("_ledger/%s/%d/", p.TopicID, p.Number)
}

// pad makes the order of names the order of offsets.
func pad(offset int64) string { return fmt.Sprintf("%020d", offset) }

func claimName(p ingest.Partition, start int64) string {
	return ledgerFolder(p) + pad(start) + ".json"
}

func doneName(p ingest.Partition, start int64) string {
	return ledgerFolder(p) + pad(start) + ".done"
}
