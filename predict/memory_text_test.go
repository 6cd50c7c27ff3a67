package predict

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMemoryIsWrittenAsJSON: with any of its fields set, a memory is written as
// encoding/json would, to the byte. A field that is new in any of its types, and that the
// writer doesn't know, is found here.
func TestMemoryIsWrittenAsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m memory
		draw(t, reflect.ValueOf(&m).Elem())
		sameAsJSON(t, &m)
	})
	var full, empty memory
	sameAsJSON(t, &empty)
	fill(reflect.ValueOf(&full).Elem())
	sameAsJSON(t, &full)
}

func sameAsJSON(t interface{ Fatalf(string, ...any) }, m *memory) {
	want, err := json.Marshal(m)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if got := m.text(nil); string(got) != string(want) {
		t.Fatalf("written as\n%s, want\n%s", got, want)
	}
}

// draw sets some of v's fields, those of its fields, and so on.
func draw(t *rapid.T, v reflect.Value) {
	visit(v, func() bool { return rapid.Bool().Draw(t, "set") }, func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(rapid.SampledFrom([]string{"", "Europe/Berlin", `a"b`, "<&>", "é\n\u2028", "\xff"}).Draw(t, "text"))
		case reflect.Float64:
			v.SetFloat(rapid.SampledFrom([]float64{0, 1, -0.5, 1e-7, 1e21, 123456.789, math.MaxFloat64, 5e-324, math.Copysign(0, -1)}).Draw(t, "float"))
		case reflect.Struct: // time.Time
			v.Set(reflect.ValueOf(time.Unix(0, rapid.Int64Range(0, 4e18).Draw(t, "time")).UTC()))
		case reflect.Bool:
			v.SetBool(true)
		default:
			n := rapid.Int64Range(0, 1<<62).Draw(t, "n")
			if v.CanUint() {
				v.SetUint(uint64(n) >> (64 - v.Type().Bits()) << 1 >> 1)
			} else {
				v.SetInt(n >> (64 - v.Type().Bits()))
			}
		}
	})
}

// fill sets every field there is.
func fill(v reflect.Value) {
	n := 0
	visit(v, func() bool { return true }, func(v reflect.Value) {
		n++
		switch {
		case v.Kind() == reflect.String:
			v.SetString(time.Duration(n).String())
		case v.Kind() == reflect.Float64:
			v.SetFloat(float64(n))
		case v.Kind() == reflect.Struct:
			v.Set(reflect.ValueOf(time.Unix(int64(n), 0).UTC()))
		case v.Kind() == reflect.Bool:
			v.SetBool(true)
		case v.CanUint():
			v.SetUint(uint64(n % 250))
		default:
			v.SetInt(int64(n % 120))
		}
	})
}

// visit calls leaf for what v is made of, as far as JSON tells it, and makes the
// pointers, slices and maps on the way that set wants; of a list two.
func visit(v reflect.Value, set func() bool, leaf func(reflect.Value)) {
	within(v, map[reflect.Type]int{}, set, leaf)
}

func within(v reflect.Value, made map[reflect.Type]int, set func() bool, leaf func(reflect.Value)) {
	moment := v.Type() == reflect.TypeFor[time.Time]()
	if !v.CanSet() && (moment || v.Kind() != reflect.Struct) {
		return // not told in JSON
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type() != reflect.TypeFor[*time.Location]() && made[v.Type()] < 2 && set() {
			made[v.Type()]++
			v.Set(reflect.New(v.Type().Elem()))
			within(v.Elem(), made, set, leaf)
			made[v.Type()]--
		}
	case reflect.Slice:
		if set() {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			within(v.Index(0), made, set, leaf)
			within(v.Index(1), made, set, leaf)
		}
	case reflect.Map:
		if set() {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("m"), reflect.ValueOf(time.Unix(7, 0).UTC()))
		}
	case reflect.Struct:
		if moment {
			if set() {
				leaf(v)
			}
			return
		}
		for i := range v.NumField() {
			within(v.Field(i), made, set, leaf)
		}
	default:
		if set() {
			leaf(v)
		}
	}
}
