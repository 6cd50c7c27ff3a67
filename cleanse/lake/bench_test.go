package lake_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// stream makes records as many sensors send them: people in turn, five minutes
// apart, now and then a meal with its bolus.
func stream(count, people, partitions int) []ingest.Record {
	random := rand.New(rand.NewPCG(1, 2))
	offsets := make([]int64, partitions)
	trends := []string{"flat", "fortyFiveUp", "fortyFiveDown", "singleUp"}
	records := make([]ingest.Record, count)
	for i := range records {
		person := i % people
		seen := epoch.Add(time.Duration(i/people) * 5 * time.Minute)
		patient := fmt.Sprintf("patient-%06d", person)
		head := fmt.Sprintf(`"patient":%q,"time":%q`, patient, seen.Add(-7*time.Second).Format(time.RFC3339))
		var value []byte
		switch kind := random.IntN(100); {
		case kind < 3:
			value = fmt.Appendf(nil, `{"type":"meal",%s,"carbs_g":%d,"kcal":520,"protein_g":20,"fat_g":18,"meal":"lunch"}`, head, 10+random.IntN(80))
		case kind < 6:
			value = fmt.Appendf(nil, `{"type":"insulin",%s,"units":%g,"kind":"rapid","reason":"meal","product":"lispro"}`, head, float64(1+random.IntN(30))/2)
		default:
			value = fmt.Appendf(nil, `{"type":"glucose",%s,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7-%04d","trend":%q}`,
				head, 70+random.IntN(150), person, trends[random.IntN(4)])
		}
		n := int32(person % partitions)
		records[i] = ingest.Record{
			Topic: "events", Partition: n, Offset: offsets[n], Seen: seen, Key: []byte(patient), Value: value,
		}
		offsets[n]++
	}
	return records
}

// BenchmarkWriter stores what the log holds of 10,000 people in a directory:
// cleansing, all tables and raw included.
func BenchmarkWriter(b *testing.B) {
	const count, partitions, fetch = 1_000_000, 6, 10_000
	records := stream(count, 10_000, partitions)
	b.ReportAllocs()
	before := cpu(b)
	var bytes int64
	for b.Loop() {
		bucket, err := lake.Dir(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		w := lake.NewWriter(bucket, lake.WriterOptions{})
		for n := range int32(partitions) {
			if _, err := w.Assign(b.Context(), topic("A", n)); err != nil {
				b.Fatal(err)
			}
		}
		for i := 0; i < count; i += fetch {
			if err := w.Append(b.Context(), records[i:i+fetch]); err != nil {
				b.Fatal(err)
			}
			if _, err := w.Flush(b.Context(), i+fetch == count); err != nil {
				b.Fatal(err)
			}
		}
		s := w.Summary()
		if s.Read != count || s.Accepted != count {
			b.Fatalf("stored %+v", s)
		}
		bytes = s.Bytes
		b.ReportMetric(float64(s.Files), "files")
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/count, "B/event")
	b.ReportMetric((cpu(b)-before).Seconds()*1e6/float64(b.N)/count, "cpu-µs/event")
}

// cpu is the processor time that this process has used. Unlike the time on the
// wall it doesn't depend on what else the machine does.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
