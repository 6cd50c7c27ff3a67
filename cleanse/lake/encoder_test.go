package lake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestFilesAreParquetGos: what the encoder writes of rows is, byte for byte, what
// parquet-go's own writer does. Whatever holds of that one's files holds of these.
func TestFilesAreParquetGos(t *testing.T) {
	all := newTables()
	sameFiles(t, all.raw)
	sameFiles(t, all.glucose)
	sameFiles(t, all.meals)
	sameFiles(t, all.insulin)
	sameFiles(t, all.profiles)
	sameFiles(t, all.responses)
	sameFiles(t, all.activities)
	sameFiles(t, all.notes)
	sameFiles(t, all.retractions)
	sameFiles(t, all.recommendations)
	sameFiles(t, all.shadow)
}

func sameFiles[R any](t *testing.T, table *table[R]) {
	t.Helper()
	var e encoder // used again for all of them
	for _, count := range []int{1, 2, 63, 64, 65, 700, 5000, 20_000, 140_000} {
		if count > 20_000 && (testing.Short() || table.name != Raw && table.name != Glucose) {
			continue
		}
		random := rand.New(rand.NewPCG(uint64(count), 1))
		rows := make([]R, count)
		for i := range rows {
			fill(random, reflect.ValueOf(&rows[i]).Elem(), float64(count%7)/6)
		}
		want := encoded(t, table, rows)
		var packed [][]byte
		for i := range rows {
			packed = append(packed, table.packing.pack(nil, &rows[i]))
		}
		l, err := table.layout()
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.encode(l, table.pageFor(count), count, func(i int) []byte { return packed[i] })
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			differ(t, table.name, count, got, want)
		}
	}
}

// fill sets fields of a row, those that may be absent with some probability.
func fill(random *rand.Rand, v reflect.Value, present float64) {
	for i := range v.NumField() {
		f := v.Field(i)
		name := v.Type().Field(i).Name
		switch {
		case v.Type().Field(i).Anonymous:
			fill(random, f, present)
			continue
		case f.Kind() == reflect.Pointer && random.Float64() >= present:
			continue
		case f.Kind() == reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
			f = f.Elem()
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString(word(random, name))
		case reflect.Slice:
			f.SetBytes([]byte(word(random, name)))
		case reflect.Int64, reflect.Int32:
			f.SetInt(random.Int64N(1<<random.IntN(30)+1) - 5)
		case reflect.Float64:
			f.SetFloat(float64(random.IntN(4000)-2000) / 10)
		case reflect.Bool:
			f.SetBool(random.IntN(3) == 0)
		default:
			panic("a row has a field of kind " + f.Kind().String())
		}
	}
}

// word is one of few for some columns, of many for others, and now and then empty or long.
func word(random *rand.Rand, name string) string {
	switch {
	case random.IntN(50) == 0:
		return ""
	case random.IntN(500) == 0:
		return strings.Repeat("\xff", random.IntN(300))
	case len(name)%3 == 0:
		return fmt.Sprintf("%s-%d", name, random.IntN(3))
	case len(name)%3 == 1:
		return fmt.Sprintf("%s-%d", name, random.IntN(2000))
	}
	return fmt.Sprintf("%x", random.Uint64())
}

// differ says where two files differ.
func differ(t *testing.T, table string, count int, got, want []byte) {
	t.Helper()
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	t.Errorf("%s of %d rows: %d bytes instead of %d, and other ones from %d on", table, count, len(got), len(want), at)
	a, b := fmt.Sprintf("%+v", *open(t, got).Metadata()), fmt.Sprintf("%+v", *open(t, want).Metadata())
	for n := range min(len(a), len(b)) {
		if a[n] != b[n] {
			t.Fatalf("got …%.300s\nwant …%.300s", a[max(0, n-100):], b[max(0, n-100):])
		}
	}
}
