package lake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// Remove implements lake.Remover.
func (m *memory) Remove(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
	return nil
}

// watched calls around before and after each change that a compaction makes, and
// ends the process at the change number crash.
type watched struct {
	lake.Remover
	around func()
	crash  int
	after  bool // the change is made before the end
	ops    int
}

var errCrash = errors.New("crash")

func (w *watched) change(do func() error) error {
	w.ops++
	if w.crash > 0 && w.ops > w.crash || w.ops == w.crash && !w.after {
		return errCrash
	}
	w.around()
	err := do()
	w.around()
	if w.ops == w.crash {
		return errCrash
	}
	return err
}

func (w *watched) Put(ctx context.Context, name string, body *io.SectionReader) error {
	return w.change(func() error { return w.Remover.Put(ctx, name, body) })
}

func (w *watched) Remove(ctx context.Context, name string) error {
	return w.change(func() error { return w.Remover.Remove(ctx, name) })
}

// exchanging is watched for a bucket that can exchange.
type exchanging struct{ *watched }

func (w exchanging) Exchange(ctx context.Context, folder string, add map[string]string, drop []string) (done bool, err error) {
	e := w.Remover.(lake.Exchanger)
	err = w.change(func() error {
		done, err = e.Exchange(ctx, folder, add, drop)
		return err
	})
	return done, err
}

// afterAll is when all days of the tests' logs are over.
var afterAll = epoch.AddDate(0, 1, 0)

func compact(t *testing.T, b lake.Remover) lake.CompactSummary {
	t.Helper()
	s, err := lake.Compact(t.Context(), b, lake.CompactOptions{ID: "test", Now: afterAll, Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// smallFiles makes a lake of many small files, of two partitions.
func smallFiles(t *testing.T, b lake.Bucket) []*log {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	logs := []*log{newLog(topic("A", 0), 120, random), newLog(topic("A", 1), 80, random)}
	drain(t, b, lake.WriterOptions{RotateRows: 30}, 30, logs...)
	return logs
}

func TestCompactionKeepsEveryRow(t *testing.T) {
	b := openDir(t)
	logs := smallFiles(t, b)
	before := rowsOf(t, b)
	s := compact(t, b.(lake.Remover))
	if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
		t.Error("rows differ after compaction")
	}
	expect(t, b, logs...)
	if r := verify(t, b, logs...); !r.OK() || r.Files >= s.FilesBefore {
		t.Errorf("%s", text(r))
	}
	if s.Merges == 0 || s.FilesAfter != s.Merges || s.FilesBefore < 2*s.Merges || s.Dropped != 0 {
		t.Errorf("summary %+v", s)
	}
	again := compact(t, b.(lake.Remover))
	if again.Merges != 0 || again.Completed != 0 {
		t.Errorf("compacting again did %+v", again)
	}
}

func TestCompactedFilesAreSorted(t *testing.T) {
	b := newMemory()
	smallFiles(t, b)
	compact(t, b)
	for _, table := range []string{lake.Glucose, lake.Raw} {
		columns := []string{"patient", "time", "kafka_partition", "kafka_offset"}
		if table == lake.Raw {
			columns = []string{"kafka_partition", "kafka_offset"}
		}
		for _, o := range objectsOf(t, b) {
			if !strings.HasPrefix(o.Name, table+"/") {
				continue
			}
			if got := sortingOf(t, b, o.Name); !reflect.DeepEqual(got, columns) {
				t.Errorf("%s says that it is sorted by %v, want %v", o.Name, got, columns)
			}
		}
	}
}

// TestCompactionAtEveryStep has a reader look before and after every change that
// compaction makes, and the process end there: each row is read once at any time,
// and the next compaction completes the work.
func TestCompactionAtEveryStep(t *testing.T) {
	buckets := map[string]func(t *testing.T) (lake.Remover, func(*watched) lake.Remover, bool){
		"in one step": func(t *testing.T) (lake.Remover, func(*watched) lake.Remover, bool) {
			return openDir(t).(lake.Remover), func(w *watched) lake.Remover { return exchanging{w} }, true
		},
		"object by object": func(*testing.T) (lake.Remover, func(*watched) lake.Remover, bool) {
			return newMemory(), func(w *watched) lake.Remover { return w }, false
		},
	}
	for name, open := range buckets {
		t.Run(name, func(t *testing.T) {
			crash, done := 0, false
			for ; !done; crash++ {
				for _, after := range []bool{false, true} {
					b, wrap, atomic := open(t)
					logs := []*log{newLog(topic("A", 0), 14, rand.New(rand.NewPCG(6, 1)))}
					drain(t, b, lake.WriterOptions{RotateRows: 7}, 7, logs...)
					before := rowsOf(t, b)
					look := func() {
						if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
							t.Errorf("crash %d: a reader sees other rows", crash)
						}
						if lost, doubled := glob(t, b, logs); lost > 0 || doubled > 0 && atomic {
							t.Errorf("crash %d: a glob misses %d rows and sees %d twice", crash, lost, doubled)
						}
					}
					w := &watched{Remover: b, around: look, crash: crash, after: after}
					if crash > 0 { // the run without a crash has shown every step
						w.around = func() {}
					}
					_, err := lake.Compact(t.Context(), wrap(w), lake.CompactOptions{Now: afterAll, Temp: t.TempDir()})
					if done = err == nil && crash > 0; err != nil && !errors.Is(err, errCrash) {
						t.Fatal(err)
					}
					look()
					if r := verify(t, b, logs...); !r.OK() {
						t.Errorf("crash %d, after %t:\n%s", crash, after, text(r))
					}
					compact(t, b)
					look()
					if lost, doubled := glob(t, b, logs); lost+doubled > 0 {
						t.Errorf("crash %d: when all is done, a glob misses %d rows and sees %d twice", crash, lost, doubled)
					}
					if r := verify(t, b, logs...); !r.OK() {
						t.Errorf("crash %d, after %t, completed:\n%s", crash, after, text(r))
					}
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			t.Logf("%d steps", crash-2)
		})
	}
}

// TestExchangeThatWasKilled between its own steps: the folder that was to be live
// is half built, or is live and the old one still holds a file that a writer put
// there while the two changed places.
func TestExchangeThatWasKilled(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, live, swap string, output string){
		"before the exchange": func(t *testing.T, live, swap, output string) {
			links(t, live, swap)
			must(t, os.Link(output, filepath.Join(swap, filepath.Base(output))))
		},
		"after the exchange": func(t *testing.T, live, swap, output string) {
			must(t, os.Remove(swap), os.Rename(live, swap), os.Mkdir(live, 0o755), os.Link(output, filepath.Join(live, filepath.Base(output))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			bucket, err := lake.Dir(root)
			must(t, err)
			b := bucket.(lake.Remover)
			l := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(6, 1)))
			drain(t, b, lake.WriterOptions{RotateRows: 20}, 20, &log{Partition: l.Partition, records: l.records[:40]})
			w := &watched{Remover: b, around: func() {}, crash: 3} // staged, published, and no more
			if _, err := lake.Compact(t.Context(), exchanging{w}, lake.CompactOptions{Now: afterAll, Temp: t.TempDir()}); !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			drain(t, b, lake.WriterOptions{RotateRows: 20}, 20, l) // late files of the same day
			before := rowsOf(t, b)
			output, err := filepath.Glob(filepath.Join(root, "_compact/raw/date=*/*.parquet"))
			if err != nil || len(output) != 1 {
				t.Fatal(output, err)
			}
			beside := filepath.Dir(output[0])
			live := filepath.Join(root, "raw", filepath.Base(beside))
			swap := filepath.Join(beside, "swap-1")
			must(t, os.Mkdir(swap, 0o755))
			leave(t, live, swap, output[0])
			if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
				t.Error("readers see other rows")
			}
			if r := verify(t, b, l); !r.OK() {
				t.Errorf("%s", text(r))
			}
			compact(t, b)
			if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
				t.Error("readers see other rows when it is completed")
			}
			if lost, doubled := glob(t, b, []*log{l}); lost+doubled > 0 {
				t.Errorf("a glob misses %d rows and sees %d twice", lost, doubled)
			}
			if r := verify(t, b, l); !r.OK() {
				t.Errorf("%s", text(r))
			}
			if _, err := os.Stat(swap); err == nil {
				t.Error("the folder beside is still there")
			}
		})
	}
}

func links(t *testing.T, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	must(t, err)
	for _, e := range entries {
		must(t, os.Link(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())))
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// glob counts the rows that a plain glob over raw misses and sees twice.
func glob(t *testing.T, b lake.Bucket, logs []*log) (lost, doubled int) {
	t.Helper()
	seen := map[position]int{}
	for _, o := range objectsOf(t, b) {
		if !strings.HasPrefix(o.Name, lake.Raw+"/") {
			continue
		}
		for _, r := range readFile(t, b, o) {
			seen[position{"A", r.Partition, r.Offset}]++
		}
	}
	for _, l := range logs {
		for _, r := range l.records {
			switch n := seen[position{"A", r.Partition, r.Offset}]; {
			case n == 0:
				lost++
			case n > 1:
				doubled++
			}
		}
	}
	return lost, doubled
}

// TestCompactionOfMoreRowsThanFitInMemory sorts them in runs.
func TestCompactionOfMoreRowsThanFitInMemory(t *testing.T) {
	for _, rows := range []int{1, 7, 64} {
		b := newMemory()
		logs := smallFiles(t, b)
		before := rowsOf(t, b)
		_, err := lake.Compact(t.Context(), b, lake.CompactOptions{Now: afterAll, Temp: t.TempDir(), SortRows: rows})
		must(t, err)
		if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
			t.Errorf("sorting %d rows at a time: rows differ", rows)
		}
		if r := verify(t, b, logs...); !r.OK() {
			t.Errorf("%s", text(r))
		}
	}
}

// TestLateRowsJoinACompactedDay: they come in files of their own, and the next
// compaction takes them in.
func TestLateRowsJoinACompactedDay(t *testing.T) {
	b := openDir(t).(lake.Remover)
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	drain(t, b, lake.WriterOptions{RotateRows: 30}, 30, &log{Partition: l.Partition, records: l.records[:100]})
	compact(t, b)
	drain(t, b, lake.WriterOptions{RotateRows: 30}, 30, l)
	expectRows(t, b, l)
	s := compact(t, b)
	if s.Merges == 0 {
		t.Error("nothing was merged")
	}
	expectRows(t, b, l)
	if r := verify(t, b, l); !r.OK() {
		t.Errorf("%s", text(r))
	}
}

// expectRows makes sure that readers see what they would see of a lake that was
// written in one go.
func expectRows(t *testing.T, b lake.Bucket, logs ...*log) {
	t.Helper()
	whole := newMemory()
	drain(t, whole, lake.WriterOptions{}, 1000, logs...)
	if want, got := rowsOf(t, whole), rowsOf(t, b); !reflect.DeepEqual(got, want) {
		t.Error("rows differ from those of a lake that was written in one go")
	}
}

// TestCompactionResolvesDuplicates that lie too far apart for the writer to know:
// the first by partition and offset stays, whichever file it is in.
func TestCompactionResolvesDuplicates(t *testing.T) {
	meal := func(id string, minute int, carbs int) string {
		return fmt.Sprintf(`{"type":"meal","patient":"p-1","id":%q,"time":"2026-11-20T22:%02d:00Z","carbs_g":%d}`, id, minute, carbs)
	}
	const far = 100_000 // more than is looked back
	one, two := &log{Partition: topic("A", 0)}, &log{Partition: topic("A", 1)}
	add := func(l *log, offset int64, value string) {
		l.records = append(l.records, ingest.Record{
			Topic: l.Topic, Partition: l.Number, Offset: offset, Seen: epoch.Add(time.Hour), Key: []byte("p-1"), Value: []byte(value),
		})
	}
	add(one, 0, meal("a", 5, 10))
	add(one, 1, meal("b", 6, 20))
	add(one, far, meal("a", 9, 11)) // the same id is the same event, whatever it says
	add(two, 0, meal("b", 1, 20))
	add(two, 1, meal("c", 7, 30))
	add(two, far, meal("c", 7, 30))
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 2}, 2, one, two)
	s := compact(t, b)
	if s.Dropped != 3 {
		t.Errorf("summary %+v, want 3 dropped", s)
	}
	got := scan(t, b, lake.ScanOptions{Table: lake.Meals, Columns: []string{"id", "kafka_partition", "kafka_offset"}})
	if want := []string{"a 0 0", "b 0 1", "c 1 1"}; !reflect.DeepEqual(sorted(got), want) {
		t.Errorf("meals %q, want %q", got, want)
	}
	r := verify(t, b, one, two)
	if !r.OK() || r.Total.Merged != 3 || r.Total.Read != 6 {
		t.Errorf("%s", text(r))
	}
}

// TestUnfinishedDaysAndClaimsAreLeft: today's files, and those of a claim that
// another writer may be storing.
func TestUnfinishedDaysAndClaimsAreLeft(t *testing.T) {
	b := newMemory()
	logs := smallFiles(t, b)
	today := logs[0].records[0].Seen.Truncate(24 * time.Hour)
	s, err := lake.Compact(t.Context(), b, lake.CompactOptions{Now: today.Add(24*time.Hour + 59*time.Minute), Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objectsOf(t, b) {
		if strings.Contains(o.Name, "-compact-") && strings.Contains(o.Name, today.Format(time.DateOnly)) {
			t.Errorf("%s: the day has been over for 59 minutes only", o.Name)
		}
	}
	open := newMemory()
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	run(t, &faulty{Bucket: open, plan: nth("done", 2, crashAfter)}, l, rand.New(rand.NewPCG(1, 1)))
	delete(open.objects, last(t, open, ".done"))
	compact(t, open)
	drain(t, open, lake.WriterOptions{}, 100, l)
	if r := verify(t, open, l); !r.OK() {
		t.Errorf("%+v\n%s", s, text(r))
	}
	expect(t, open, l)
}

func last(t *testing.T, b lake.Bucket, suffix string) (name string) {
	t.Helper()
	for _, o := range objectsOf(t, b) {
		if strings.HasSuffix(o.Name, suffix) {
			name = o.Name
		}
	}
	return name
}

// TestReplacedFilesThatComeBackAreRemoved: a writer that hung since before a day
// was compacted puts a file again whose name is free now.
func TestReplacedFilesThatComeBackAreRemoved(t *testing.T) {
	b := newMemory()
	logs := smallFiles(t, b)
	before := rowsOf(t, b)
	name := first(t, b, "raw/", ".parquet")
	body := b.objects[name]
	compact(t, b)
	b.objects[name] = body
	if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
		t.Error("readers see the rows of the file that came back")
	}
	if r := verify(t, b, logs...); r.OK() || r.Differences[0].File != name {
		t.Errorf("%s", text(r))
	}
	compact(t, b)
	if _, there := b.objects[name]; there {
		t.Error("the file that came back is still there")
	}
	if r := verify(t, b, logs...); !r.OK() {
		t.Errorf("%s", text(r))
	}
}

// TestWriterThatHungLooksFirst: it claimed, hung while another finished its claim
// and the day was compacted, and doesn't put the files again.
func TestWriterThatHungLooksFirst(t *testing.T) {
	b := newMemory()
	now := epoch
	l := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(1, 1)))
	hangs := &faulty{Bucket: b, plan: nth("file", 1, fails)}
	r := &reader{log: l, writer: lake.NewWriter(hangs, lake.WriterOptions{RotateRows: 20, Now: func() time.Time { return now }})}
	must(t, r.assign(t.Context()))
	if err := r.step(t.Context(), 20); !errors.Is(err, errFault) {
		t.Fatal(err)
	}
	drain(t, b, lake.WriterOptions{RotateRows: 20}, 20, l)
	compact(t, b)
	now = now.Add(time.Hour)
	must(t, r.step(t.Context(), 1000))
	if r := verify(t, b, l); !r.OK() {
		t.Errorf("%s", text(r))
	}
}

// TestEventsOfACompactedLake: training sees the same people and lives.
func TestEventsOfACompactedLake(t *testing.T) {
	b := newMemory()
	smallFiles(t, b)
	_, before := readEvents(t, b, lake.EventOptions{})
	compact(t, b)
	if _, got := readEvents(t, b, lake.EventOptions{}); !reflect.DeepEqual(got, before) {
		t.Error(difference(got, before))
	}
}

// TestTopicsAreCompactedApart: their offsets mean different messages.
func TestTopicsAreCompactedApart(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	old, young := newLog(topic("A", 0), 100, random), newLog(topic("B", 0), 100, random)
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 30}, 30, old)
	drain(t, b, lake.WriterOptions{RotateRows: 30, AcceptGap: true}, 30, young)
	before := rowsOf(t, b)
	compact(t, b)
	if got := rowsOf(t, b); !reflect.DeepEqual(got, before) {
		t.Error("rows differ")
	}
	expect(t, b, old, young)
	if s := compact(t, b); s.Merges != 0 {
		t.Errorf("compacting again did %+v", s)
	}
	if r := verify(t, b); !r.OK() {
		t.Errorf("%s", text(r))
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	b := newMemory()
	smallFiles(t, b)
	before := len(b.objects)
	s, err := lake.Compact(t.Context(), b, lake.CompactOptions{Now: afterAll, DryRun: true})
	if err != nil || s.Merges == 0 || len(b.objects) != before {
		t.Errorf("summary %+v, %v, %d objects made", s, err, len(b.objects)-before)
	}
}

// sortingOf are the columns that a file says it is sorted by.
func sortingOf(t *testing.T, b lake.Bucket, name string) (columns []string) {
	t.Helper()
	f, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := parquet.OpenFile(f, f.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.RowGroups()[0].SortingColumns() {
		columns = append(columns, strings.Join(c.Path(), "."))
	}
	return columns
}
