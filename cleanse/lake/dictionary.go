package lake

import (
	"encoding/binary"
	"slices"
)

// dictionary numbers texts in the order in which they first come. It points to
// the texts that it was given until it is cleared.
type dictionary struct {
	texts  []string
	places map[string]int32 // once there are many
	last   int32            // the place that was asked for last: equal ones mostly follow each other
	size   int              // bytes of the texts
	used   []bool           // by place: stands in the page whose bounds are looked for
}

// few texts are searched one by one, which takes less time than a map.
const few = 8

// place is where s stands.
func (d *dictionary) place(s string) int32 {
	if len(d.texts) > 0 && d.texts[d.last] == s {
		return d.last
	}
	if len(d.texts) <= few {
		if at := slices.Index(d.texts, s); at >= 0 {
			d.last = int32(at)
			return d.last
		}
	} else if at, known := d.places[s]; known {
		d.last = at
		return at
	}
	return d.add(s)
}

func (d *dictionary) add(s string) int32 {
	d.last = int32(len(d.texts))
	d.texts = append(d.texts, s)
	d.size += len(s)
	if len(d.texts) <= few {
		return d.last
	}
	if len(d.places) == 0 {
		if d.places == nil {
			d.places = map[string]int32{}
		}
		for i, text := range d.texts {
			d.places[text] = int32(i)
		}
	}
	d.places[s] = d.last
	return d.last
}

// bounds are the least and the greatest text at these places, of which there is one.
func (d *dictionary) bounds(places []int32) (least, greatest string) {
	d.used = append(d.used[:0], make([]bool, len(d.texts))...)
	for _, at := range places {
		d.used[at] = true
	}
	least, greatest = d.texts[places[0]], d.texts[places[0]]
	for at, used := range d.used {
		if used {
			least, greatest = min(least, d.texts[at]), max(greatest, d.texts[at])
		}
	}
	return least, greatest
}

// appendPlain appends the texts behind their lengths.
func (d *dictionary) appendPlain(b []byte) []byte {
	for _, s := range d.texts {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	return b
}

// flat is the texts one behind the other, and where each begins and the last one ends.
func (d *dictionary) flat() (texts []byte, offsets []uint32) {
	texts, offsets = make([]byte, 0, d.size), make([]uint32, 0, len(d.texts)+1)
	for _, s := range d.texts {
		offsets = append(offsets, uint32(len(texts)))
		texts = append(texts, s...)
	}
	return texts, append(offsets, uint32(len(texts)))
}

func (d *dictionary) clear() {
	clear(d.texts)
	clear(d.places)
	d.texts, d.last, d.size = d.texts[:0], 0, 0
}
