package lake

import (
	"encoding/binary"
	"math"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// packer packs rows field by field, in the order in which their types have them, as
// packing packs rows that were made: for the tables that most rows go to, which would
// otherwise be copied three times.
type packer struct {
	b   []byte
	set uint64
	bit uint64 // of the next field
}

func (p *packer) begin() {
	p.b, p.set, p.bit = append(p.b[:0], 0, 0, 0, 0, 0, 0, 0, 0), 0, 1
}

// end is the packed row, until the next one begins.
func (p *packer) end() []byte {
	binary.LittleEndian.PutUint64(p.b, p.set)
	return p.b
}

// text is a text that is zero, or absent, where it is empty.
func (p *packer) text(s string) {
	if s != "" {
		p.set |= p.bit
		p.b = append(binary.AppendUvarint(p.b, uint64(len(s))), s...)
	}
	p.bit <<= 1
}

// bytes is zero, or absent, where it is nil.
func (p *packer) bytes(s []byte) {
	if s != nil {
		p.set |= p.bit
		p.b = append(binary.AppendUvarint(p.b, uint64(len(s))), s...)
	}
	p.bit <<= 1
}

func (p *packer) int64(v int64) {
	if v != 0 {
		p.set |= p.bit
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(v))
	}
	p.bit <<= 1
}

func (p *packer) int32(v int32) {
	if v != 0 {
		p.set |= p.bit
		p.b = binary.LittleEndian.AppendUint32(p.b, uint32(v))
	}
	p.bit <<= 1
}

// float is a number that is zero, or absent, where it is 0.
func (p *packer) float(v float64) { p.int64(int64(math.Float64bits(v))) }

func (p *packer) bool(v bool) {
	if v {
		p.set |= p.bit
		p.b = append(p.b, 1)
	}
	p.bit <<= 1
}

// event packs a row; at and seen are its times in microseconds.
func (p *packer) event(e *cleanse.Event, at, seen int64) {
	p.text(e.Patient)
	p.int64(at)
	p.int64(seen)
	p.text(e.Device)
	p.text(e.Source)
	p.text(e.ID)
	p.bool(e.Late)
	p.bool(e.Backfill)
	p.int32(e.Partition)
	p.int64(e.Offset)
	p.text(e.Replaces)
	p.text(string(e.Flags))
	p.text(e.Extra)
}

// glucoseRow packs a glucoseRow.
func (p *packer) glucoseRow(e *cleanse.Event, at int64) []byte {
	p.begin()
	p.event(e, at, e.Seen.UnixMicro())
	p.float(float64(e.Glucose.MgdL))
	p.text(e.Glucose.Trend)
	p.text(specials[e.Glucose.Special])
	return p.end()
}

// insulinRow packs an insulinRow.
func (p *packer) insulinRow(e *cleanse.Event, at int64) []byte {
	i := &e.Insulin
	p.begin()
	p.event(e, at, e.Seen.UnixMicro())
	p.float(float64(i.Units))
	p.text(i.Action)
	p.text(i.Reason)
	p.text(i.Product)
	p.float(i.Duration.Minutes())
	return p.end()
}

// rawRow packs a rawRow.
func (p *packer) rawRow(rec *ingest.Record, received int64, outcome string) []byte {
	p.begin()
	p.bytes(rec.Value)
	p.bytes(rec.Key)
	p.text(rec.Topic)
	p.int32(rec.Partition)
	p.int64(rec.Offset)
	p.int64(received)
	p.text(outcome)
	return p.end()
}
