package lake

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"unsafe"
)

// packing turns rows of type R into bytes and back. What waits to be stored is
// held so: a reading takes 90 bytes instead of 260, and the garbage collector has
// no pointers to follow in millions of rows.
//
// A packed row is a word with a bit for each field that isn't zero, and then those
// fields in order. It lives in memory only: nothing reads it but this program.
type packing[R any] struct{ fields []packed }

// packed is a field: where it stands in the row, and what it is.
type packed struct {
	at   uintptr
	kind packedKind
}

type packedKind uint8

const (
	packedText packedKind = iota
	packedBytes
	packedInt64
	packedInt32
	packedFloat
	packedBool
	packedMaybeFloat // *float64
	packedMaybeText  // *string
	packedMaybeInt32 // *int32
	packedReasons
)

// packedKinds are the types that row types are made of; a new one fails in
// packingOf, at the start of any test.
var packedKinds = map[reflect.Type]packedKind{
	reflect.TypeFor[string]():      packedText,
	reflect.TypeFor[[]byte]():      packedBytes,
	reflect.TypeFor[int64]():       packedInt64,
	reflect.TypeFor[int32]():       packedInt32,
	reflect.TypeFor[float64]():     packedFloat,
	reflect.TypeFor[bool]():        packedBool,
	reflect.TypeFor[*float64]():    packedMaybeFloat,
	reflect.TypeFor[*string]():     packedMaybeText,
	reflect.TypeFor[*int32]():      packedMaybeInt32,
	reflect.TypeFor[[]reasonRow](): packedReasons,
}

func packingOf[R any]() packing[R] {
	var p packing[R]
	p.add(reflect.TypeFor[R](), 0)
	if len(p.fields) > 64 {
		panic("a row type has more fields than a packed row has bits")
	}
	return p
}

func (p *packing[R]) add(t reflect.Type, at uintptr) {
	for i := range t.NumField() {
		f := t.Field(i)
		kind, known := packedKinds[f.Type]
		switch {
		case f.Anonymous:
			p.add(f.Type, at+f.Offset)
		case known:
			p.fields = append(p.fields, packed{at + f.Offset, kind})
		default:
			panic(fmt.Sprintf("field %s of a row has type %v, which has no packed form", f.Name, f.Type))
		}
	}
}

// pack appends r to b.
func (p *packing[R]) pack(b []byte, r *R) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	var set uint64
	for i := range p.fields {
		before := len(b)
		b = p.fields[i].pack(b, unsafe.Pointer(r))
		if len(b) > before {
			set |= 1 << i
		}
	}
	binary.LittleEndian.PutUint64(b[start:], set)
	return b
}

// pack appends the field of the row at base, nothing if it is zero.
func (f *packed) pack(b []byte, base unsafe.Pointer) []byte {
	at := unsafe.Add(base, f.at)
	switch f.kind {
	case packedText:
		if s := *(*string)(at); s != "" {
			return appendText(b, s)
		}
	case packedBytes:
		if s := *(*[]byte)(at); s != nil {
			return append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	case packedInt64:
		if v := *(*int64)(at); v != 0 {
			return binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	case packedInt32:
		if v := *(*int32)(at); v != 0 {
			return binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	case packedFloat:
		if v := math.Float64bits(*(*float64)(at)); v != 0 {
			return binary.LittleEndian.AppendUint64(b, v)
		}
	case packedBool:
		if *(*bool)(at) {
			return append(b, 1)
		}
	case packedMaybeFloat:
		if v := *(**float64)(at); v != nil {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(*v))
		}
	case packedMaybeText:
		if v := *(**string)(at); v != nil {
			return appendText(b, *v)
		}
	case packedMaybeInt32:
		if v := *(**int32)(at); v != nil {
			return binary.LittleEndian.AppendUint32(b, uint32(*v))
		}
	case packedReasons:
		if v := *(*[]reasonRow)(at); v != nil {
			return appendReasons(b, v)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendReasons(b []byte, reasons []reasonRow) []byte {
	b = binary.AppendUvarint(b, uint64(len(reasons)))
	for _, r := range reasons {
		b = appendText(appendText(appendText(b, r.Field), r.Code), r.Note)
	}
	return b
}

// unpacker reads packed rows. The rows' text lies in the bytes that were read, and
// what they point to in the unpacker, until it reads count rows more.
type unpacker[R any] struct {
	packing[R]
	numbers ring[float64]
	texts   ring[string]
	wholes  ring[int32]
}

// newUnpacker makes one whose rows may be used until count others were read.
func (p packing[R]) newUnpacker(count int) *unpacker[R] {
	room := map[packedKind]int{}
	for _, f := range p.fields {
		room[f.kind] += count
	}
	return &unpacker[R]{
		packing: p, numbers: newRing[float64](room[packedMaybeFloat]),
		texts: newRing[string](room[packedMaybeText]), wholes: newRing[int32](room[packedMaybeInt32]),
	}
}

// ring has room for values that are overwritten by later ones.
type ring[T any] struct {
	room []T
	next int
}

func newRing[T any](count int) ring[T] { return ring[T]{room: make([]T, count)} }

func (r *ring[T]) put(v T) *T {
	p := &r.room[r.next]
	*p = v
	if r.next++; r.next == len(r.room) {
		r.next = 0
	}
	return p
}

// unpack reads the row that b begins with into r.
func (u *unpacker[R]) unpack(b []byte, r *R) {
	var zero R
	*r = zero
	set := binary.LittleEndian.Uint64(b)
	b = b[8:]
	for i := range u.fields {
		if set&(1<<i) != 0 {
			b = u.field(&u.fields[i], b, unsafe.Add(unsafe.Pointer(r), u.fields[i].at))
		}
	}
}

// field reads one field from the beginning of b to at, and returns the rest of b.
func (u *unpacker[R]) field(f *packed, b []byte, at unsafe.Pointer) []byte {
	switch f.kind {
	case packedText:
		*(*string)(at), b = cutText(b)
	case packedBytes:
		var s string
		s, b = cutText(b)
		*(*[]byte)(at) = unsafe.Slice(unsafe.StringData(s), len(s))
		if s == "" {
			*(*[]byte)(at) = []byte{}
		}
	case packedInt64, packedFloat: // a float64's bits are where an int64's are
		*(*uint64)(at) = binary.LittleEndian.Uint64(b)
		return b[8:]
	case packedInt32:
		*(*uint32)(at) = binary.LittleEndian.Uint32(b)
		return b[4:]
	case packedBool:
		*(*bool)(at) = true
		return b[1:]
	case packedMaybeFloat:
		*(**float64)(at) = u.numbers.put(math.Float64frombits(binary.LittleEndian.Uint64(b)))
		return b[8:]
	case packedMaybeText:
		var s string
		s, b = cutText(b)
		*(**string)(at) = u.texts.put(s)
	case packedMaybeInt32:
		*(**int32)(at) = u.wholes.put(int32(binary.LittleEndian.Uint32(b)))
		return b[4:]
	case packedReasons:
		*(*[]reasonRow)(at), b = cutReasons(b)
	}
	return b
}

// cutText takes a text from the beginning of b, without copying it.
func cutText(b []byte) (string, []byte) {
	n, size := binary.Uvarint(b)
	b = b[size:]
	return unsafe.String(unsafe.SliceData(b), n), b[n:]
}

func cutReasons(b []byte) ([]reasonRow, []byte) {
	n, size := binary.Uvarint(b)
	b = b[size:]
	reasons := make([]reasonRow, n)
	for i := range reasons {
		r := &reasons[i]
		r.Field, b = cutText(b)
		r.Code, b = cutText(b)
		r.Note, b = cutText(b)
	}
	return reasons, b
}
