package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Report is the account. It balances if there are no differences.
type Report struct {
	Partitions []Partition `json:"partitions"`
	Total      Counts      `json:"total"`
	Files      int         `json:"files"` // that readers see
	Rows       int64       `json:"rows"`  // in them
	// Differences are what is wrong, neighbouring offsets joined; the first
	// thousand, of Wrong in all.
	Differences []Difference `json:"differences"`
	Wrong       int64        `json:"wrong"`
}

// Counts are numbers of records, as found in the tables. Read is the sum of
// Accepted, Late, Quarantined and Duplicate.
type Counts struct {
	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Late        int64 `json:"late"`
	Quarantined int64 `json:"quarantined"`
	Duplicate   int64 `json:"duplicate"`
	// Merged are accepted or late ones whose row compaction left out, because
	// an earlier row says the same.
	Merged int64 `json:"merged"`
	// Lost are offsets that the ledger says were given up.
	Lost int64 `json:"lost"`
}

func (c *Counts) add(d Counts) {
	c.Read += d.Read
	c.Accepted += d.Accepted
	c.Late += d.Late
	c.Quarantined += d.Quarantined
	c.Duplicate += d.Duplicate
	c.Merged += d.Merged
	c.Lost += d.Lost
}

// Partition is the account of one ledger.
type Partition struct {
	Topic     string `json:"topic"`
	TopicID   string `json:"topic_id"`
	Number    int32  `json:"partition"`
	Claims    int    `json:"claims"`
	From      int64  `json:"from"`
	Next      int64  `json:"next"` // offsets [From, Next) are claimed
	Open      bool   `json:"open"` // the last claim isn't finished, and not counted
	Counts    Counts `json:"counts"`
	LogLow    int64  `json:"log_low"`
	LogEnd    int64  `json:"log_end"`
	Compared  int64  `json:"compared"` // records of the log that were compared
	HasLog    bool   `json:"has_log"`
	Waiting   int64  `json:"waiting"` // records of the log that the lake doesn't have yet
	GivenUp   []Gap  `json:"gaps,omitempty"`
	Continues string `json:"continues,omitempty"` // the ledger that follows this one
}

// Gap is a range that the ledger says was given up.
type Gap struct {
	Start int64  `json:"start"`
	Next  int64  `json:"next"`
	Why   string `json:"why"`
}

// Difference is something that doesn't balance.
type Difference struct {
	Kind      string `json:"kind"`
	Topic     string `json:"topic,omitempty"`
	TopicID   string `json:"topic_id,omitempty"`
	Partition int32  `json:"partition"`
	Start     int64  `json:"start"` // offsets [Start, Next), if it is about offsets
	Next      int64  `json:"next"`
	File      string `json:"file,omitempty"`
	Note      string `json:"note"`
}

// OK says whether everything balances.
func (r *Report) OK() bool { return r.Wrong == 0 }

// shown is how many differences a report holds.
const shown = 1000

func (r *Report) add(d Difference) {
	r.Wrong++
	if n := len(r.Differences); n > 0 && d.Next > d.Start && r.Differences[n-1].continuedBy(d) {
		r.Differences[n-1].Next = d.Next
		return
	}
	if len(r.Differences) < shown {
		r.Differences = append(r.Differences, d)
	}
}

func (d Difference) continuedBy(e Difference) bool {
	next := d.Next
	d.Start, d.Next = e.Start, e.Next
	return e.Start == next && d == e
}

// Write prints the account as a table, and the differences below it.
func (r *Report) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "topic\tpartition\tclaims\tfrom\tnext\tread\taccepted\tlate\tquarantined\tduplicate\tmerged\tlost\tlog\tstate\t")
	for _, p := range r.Partitions {
		c := p.Counts
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t\n", p.Topic, p.Number, p.Claims, p.From, p.Next,
			c.Read, c.Accepted, c.Late, c.Quarantined, c.Duplicate, c.Merged, c.Lost, p.logText(), p.state())
	}
	c := r.Total
	fmt.Fprintf(w, "total\t\t\t\t\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\t\t\n",
		c.Read, c.Accepted, c.Late, c.Quarantined, c.Duplicate, c.Merged, c.Lost)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range r.Differences {
		if _, err := fmt.Fprintln(out, d); err != nil {
			return err
		}
	}
	verdict := fmt.Sprintf("%d files with %d rows: every offset is accounted for once", r.Files, r.Rows)
	if !r.OK() {
		verdict = fmt.Sprintf("%d files with %d rows: %d differences", r.Files, r.Rows, r.Wrong)
	}
	_, err := fmt.Fprintln(out, verdict)
	return err
}

func (p *Partition) logText() string {
	if !p.HasLog {
		return "-"
	}
	return fmt.Sprintf("%d-%d", p.LogLow, p.LogEnd)
}

func (p *Partition) state() string {
	switch {
	case p.Continues != "":
		return "cut"
	case p.Open:
		return "open"
	case p.Waiting > 0:
		return fmt.Sprintf("behind by %d", p.Waiting)
	}
	return "done"
}

func (d Difference) String() string {
	where := d.File
	if d.Topic != "" {
		where = fmt.Sprintf("%s partition %d", d.Topic, d.Partition)
		if d.Next > d.Start {
			where += fmt.Sprintf(" offsets %d to %d", d.Start, d.Next-1)
		}
		if d.File != "" {
			where += " " + d.File
		}
	}
	return fmt.Sprintf("%s: %s: %s", d.Kind, where, d.Note)
}

// sum completes the report.
func (a *audit) sum() {
	for _, l := range a.ledgers {
		a.report.Partitions = append(a.report.Partitions, l.Partition)
		a.report.Total.add(l.Counts)
	}
	slices.SortFunc(a.report.Partitions, func(x, y Partition) int {
		return cmp.Or(cmp.Compare(x.Topic, y.Topic), cmp.Compare(x.TopicID, y.TopicID), cmp.Compare(x.Number, y.Number))
	})
}
