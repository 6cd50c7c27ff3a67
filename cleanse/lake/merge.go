package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Merge is a record of compaction: from the moment that it is published, Outputs
// stand in for Inputs. It is put only if its name is free, and that one step is
// what makes a merge happen; moving files about comes after it.
type Merge struct {
	Table   string      `json:"table"`
	Date    string      `json:"date"`
	TopicID string      `json:"topic_id"`
	Seq     int         `json:"seq"` // of the table and date, from 1
	Schema  int         `json:"schema"`
	Inputs  []string    `json:"inputs"`
	Outputs []Output    `json:"outputs"`
	Dropped []LogOffset `json:"dropped"` // rows that say what an earlier one says
	Writer  string      `json:"writer"`
}

// Output is a file that a merge made. Until it has its Name, it lies at the same
// name below _compact/.
type Output struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Size int64  `json:"size"`
}

// LogOffset is a place in the log of a merge's topic.
type LogOffset struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

// compactRoot is where merges are recorded and staged. Readers' globs skip it.
const compactRoot = "_compact/"

// compactFolder is where the merges of a table and date are.
func compactFolder(table, date string) string { return compactRoot + table + "/date=" + date + "/" }

func (m *Merge) folder() string { return m.Table + "/date=" + m.Date + "/" }

func (m *Merge) name() string {
	return compactFolder(m.Table, m.Date) + pad(int64(m.Seq)) + ".json"
}

func (m *Merge) doneName() string {
	return compactFolder(m.Table, m.Date) + pad(int64(m.Seq)) + ".done"
}

// staged is where an output lies before it is swapped in.
func staged(name string) string { return compactRoot + name }

// mergedSeq is the number of the merge that made a file, 0 if none did. Such a
// file is named <topic>-compact-<seq>-<hash of its inputs>.<topic-id>.parquet.
func mergedSeq(name string) int {
	parts := strings.Split(strings.TrimSuffix(path.Base(name), "."+generation(name)+".parquet"), "-")
	if len(parts) < 4 || parts[len(parts)-3] != "compact" {
		return 0
	}
	seq, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		return 0
	}
	return seq
}

// folderMerges is what there is of the merges of one table and date.
type folderMerges struct {
	published []int             // numbers of the records
	done      map[int]bool      // those that are swapped in
	strays    map[string]Object // files that an exchange took out beside its inputs, by their own names
}

// lastSeq is the number of the last merge.
func (f *folderMerges) lastSeq() int {
	if len(f.published) == 0 {
		return 0
	}
	return f.published[len(f.published)-1]
}

func (f *folderMerges) pending() bool { return len(f.published) > len(f.done) }

// see takes note of an object of the folder.
func (f *folderMerges) see(o Object, rest string) {
	if inside, file, nested := strings.Cut(rest, "/"); nested {
		if strings.HasPrefix(inside, swapPrefix) {
			f.strays[file] = o
		}
		return
	}
	number, kind, _ := strings.Cut(rest, ".")
	seq, err := strconv.Atoi(number)
	if err != nil {
		return // a staged file
	}
	switch kind {
	case "json":
		f.published = append(f.published, seq)
	case "done":
		f.done[seq] = true
	}
}

// swapPrefix begins the names of folders that are exchanged.
const swapPrefix = "swap-"

// listMerges gives what there is of a table's merges from a date on, by date.
func listMerges(ctx context.Context, bucket Bucket, table, since string) (map[string]*folderMerges, error) {
	root := compactRoot + table + "/date="
	found := map[string]*folderMerges{}
	err := bucket.List(ctx, root, root+since, func(o Object) error {
		date, rest, ok := strings.Cut(o.Name[len(root):], "/")
		if !ok {
			return nil
		}
		f := found[date]
		if f == nil {
			f = &folderMerges{done: map[int]bool{}, strays: map[string]Object{}}
			found[date] = f
		}
		f.see(o, rest)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list merges: %w", err)
	}
	return found, nil
}

// readMerge reads a record.
func readMerge(ctx context.Context, bucket Bucket, table, date string, seq int) (*Merge, error) {
	m := &Merge{Table: table, Date: date, Seq: seq}
	name := m.name()
	f, err := bucket.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read merge: %w", err)
	}
	defer f.Close()
	if err := json.NewDecoder(io.NewSectionReader(f, 0, f.Size())).Decode(m); err != nil {
		return nil, fmt.Errorf("read merge %s: %w", name, err)
	}
	if m.Table != table || m.Date != date || m.Seq != seq {
		return nil, fmt.Errorf("read merge %s: it is of %s of %s, number %d", name, m.Table, m.Date, m.Seq)
	}
	return m, nil
}

// publish makes a merge happen. If another compactor has published that number
// meanwhile, it is ErrExists and nothing has happened.
func (m *Merge) publish(ctx context.Context, bucket Bucket) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("publish merge: %w", err)
	}
	err = bucket.Put(ctx, m.name(), Bytes(append(body, '\n')))
	if errors.Is(err, ErrExists) {
		// It may be this very record, by an earlier try whose answer was lost.
		there, readErr := readMerge(ctx, bucket, m.Table, m.Date, m.Seq)
		if readErr == nil && there.Writer == m.Writer && len(there.Outputs) == 1 && there.Outputs[0] == m.Outputs[0] {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("publish merge: %w", err)
	}
	return nil
}
