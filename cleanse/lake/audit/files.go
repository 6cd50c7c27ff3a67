package audit

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// file is one file of a table.
type file struct {
	name    string // as claim or merge name it
	at      string // where it is: the outputs of a merge lie elsewhere until they are swapped in
	table   string
	day     int64 // days since 1970
	rows    int64 // that are promised
	topicID string
	ledger  *ledger // of a claim's file
	claim   *claim
	retired bool // a merge stands in for it
	listed  bool // it was there when the files were listed
	counted bool // in the report
}

// listFiles notes every file of a table. Names that begin with an underscore are
// no tables.
func (a *audit) listFiles(ctx context.Context) error {
	return a.store.List(ctx, "", func(name string, _ int64) error {
		if strings.HasPrefix(name, "_") {
			return nil
		}
		if f := a.newFile(name, name); f != nil {
			f.listed = true
		}
		return nil
	})
}

// newFile notes a file of a table, nil if it isn't named as one.
func (a *audit) newFile(name, at string) *file {
	f := &file{name: name, at: at, table: path.Dir(path.Dir(name))}
	date, isDate := strings.CutPrefix(path.Base(path.Dir(name)), "date=")
	day, err := time.Parse(time.DateOnly, date)
	if !isDate || err != nil || !strings.HasSuffix(name, ".parquet") || strings.Contains(f.table, "/") {
		a.report.add(Difference{Kind: "file", File: name, Note: "it isn't named as a file of a table"})
		return nil
	}
	f.day = day.Unix() / 86400
	stem := strings.TrimSuffix(path.Base(name), ".parquet")
	f.topicID = stem[strings.LastIndexByte(stem, '.')+1:]
	a.files[name] = f
	return f
}

// matchFiles compares the files that are there with those that claims and merges
// name.
func (a *audit) matchFiles(ctx context.Context) error {
	replaced := a.merged()
	for _, l := range a.ledgers {
		for _, c := range l.claims {
			if err := a.matchClaim(ctx, l, c, replaced); err != nil {
				return err
			}
		}
	}
	unfinished := a.unfinished()
	for _, f := range sortedFiles(a.files) {
		if f.claim == nil && !unfinished(f) {
			a.report.add(Difference{Kind: "file", File: f.name, Note: "no claim names it"})
		}
	}
	return nil
}

// merged notes what compaction made, and returns what it stands in for.
func (a *audit) merged() map[string]*merge {
	replaced := map[string]*merge{}
	for _, m := range a.merges {
		for _, name := range m.Inputs {
			replaced[name] = m
		}
	}
	for _, m := range a.merges {
		for _, out := range m.Outputs {
			f := a.files[out.Name]
			if f == nil {
				f = a.newFile(out.Name, "_compact/"+out.Name)
			}
			if f == nil {
				continue
			}
			f.rows, f.claim = out.Rows, &claim{Topic: m.name}
			f.retired = replaced[out.Name] != nil
		}
	}
	for name, m := range replaced {
		f := a.files[name]
		if f == nil || !f.listed {
			continue
		}
		f.retired = true
		if m.done && f.listed {
			a.report.add(Difference{Kind: "file", File: name, Note: "compaction has replaced it, yet it is there: a plain glob sees its rows twice; run titrate compact"})
		}
	}
	return replaced
}

func (a *audit) matchClaim(ctx context.Context, l *ledger, c *claim, replaced map[string]*merge) error {
	for _, entry := range c.Files {
		f := a.files[entry.Name]
		if at := a.strays[entry.Name]; f == nil && at != "" && replaced[entry.Name] == nil {
			f = a.newFile(entry.Name, at)
		}
		if f == nil {
			if replaced[entry.Name] != nil {
				continue
			}
			given, err := a.abandoned(ctx, c)
			if err != nil {
				return err
			}
			if given {
				c.abandoned = true
				c.missing++
				continue
			}
			d := l.difference("lost", c.Start, c.Next, fmt.Sprintf("the file with %d rows that the claim names isn't there", entry.Rows))
			d.File = entry.Name
			a.report.add(d)
			continue
		}
		if f.claim != nil {
			a.report.add(Difference{Kind: "file", File: f.name, Note: "two claims name it"})
		}
		f.ledger, f.claim, f.rows = l, c, entry.Rows
		if entry.Table != f.table {
			a.report.add(Difference{Kind: "file", File: f.name, Note: "the claim says it is of table " + entry.Table})
		}
	}
	if c.abandoned {
		l.GivenUp = append(l.GivenUp, Gap{c.Start, c.Next, "expired"})
	}
	return nil
}

// unfinished says of a file whether it belongs to a claim that isn't done yet, or
// whose done mark came while the files were listed. Such a claim is the last of
// its ledger, so the file's range begins at or behind what is counted.
func (a *audit) unfinished() func(*file) bool {
	return func(f *file) bool {
		var partition int32
		var start, next int64
		stem := strings.TrimSuffix(path.Base(f.name), "."+f.topicID+".parquet")
		parts := strings.Split(stem, "-")
		if len(parts) < 4 {
			return false
		}
		text := strings.Join(parts[len(parts)-3:], " ")
		if _, err := fmt.Sscan(text, &partition, &start, &next); err != nil {
			return false
		}
		l := a.ledgers[ledgerKey{f.topicID, partition}]
		return l != nil && l.Open && start >= l.Next
	}
}

// live are the files that readers see whose rows are to be counted.
func (a *audit) live() []*file {
	var live []*file
	for _, f := range sortedFiles(a.files) {
		if f.claim != nil && !f.retired {
			live = append(live, f)
		}
	}
	return live
}

func sortedFiles(files map[string]*file) []*file {
	var all []*file
	for _, f := range files {
		all = append(all, f)
	}
	slices.SortFunc(all, func(x, y *file) int { return strings.Compare(x.name, y.name) })
	return all
}
