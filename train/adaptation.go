package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/titrate/titrate/train/feature"
)

// Adaptation is what people's logs have taught about each of them, for one model's
// weights: the correction's way, in 16 bits a number. It is read-only once made, and
// safe for concurrent use. In a registry it is a line of JSON (adaptationHead) and then
// for each person the length of the name (uvarint), the name, moments (uint32), and the
// ways in units of wayUnit (horizons×personalSize int16), little-endian.
type Adaptation struct {
	Number  int       // of the version's adaptations, from 1
	Until   time.Time // the newest moment of the log that it knows of
	Moments int64     // that were learned from, of all people

	rows string
	at   map[string]int // where a person's ways begin in rows
}

const (
	// wayUnit is the step of a stored number. Rounding errs by half of it, so a correction
	// by at most personalSize·inputMost·wayUnit/2 of Scale: 0.11 mg/dL at four hours, and a
	// tenth of that where the basis is of unit size.
	wayUnit = 1. / (1 << 14)
	wayLen  = 2 * horizons * personalSize
	rowsMax = math.MaxInt32 // bytes
)

// adaptationHead is the first line of a stored adaptation.
type adaptationHead struct {
	Version  string    `json:"version"`
	Features string    `json:"features"`
	Weights  string    `json:"weights"` // their checksum
	Basis    string    `json:"basis"`   // fingerprint of what a way is taken on
	Until    time.Time `json:"until"`
	People   int       `json:"people"`
	Moments  int64     `json:"moments"`
	Sum      string    `json:"sum"` // over the bytes that follow
}

// People is how many people it knows.
func (a *Adaptation) People() int {
	if a == nil {
		return 0
	}
	return len(a.at)
}

// correction is what to add to the forecast of a person per horizon, in mg/dL: nothing
// for those of whom it knows nothing.
func (a *Adaptation) correction(patient string, v *feature.Vector) (mgdl [horizons]float64) {
	way, ok := a.way(patient)
	if !ok {
		return mgdl
	}
	return way.correction(v)
}

func (a *Adaptation) way(patient string) (way Way, ok bool) {
	if a == nil {
		return way, false
	}
	at, ok := a.at[patient]
	if !ok {
		return way, false
	}
	row := a.rows[at : at+wayLen]
	for h := range way {
		for i := range way[h] {
			k := 2 * (h*personalSize + i)
			way[h][i] = float64(int16(uint16(row[k])|uint16(row[k+1])<<8)) * wayUnit
		}
	}
	return way, true
}

// ways are the rows of an adaptation that is being made, and the moments that they rest on.
type ways struct {
	rows    bytes.Buffer
	moments int64
}

// add takes in a person, unless nothing is known of them.
func (c *ways) add(patient string, t *taught) {
	var row [wayLen]byte
	known := false
	for h := range t.way {
		for i, x := range t.way[h] {
			n := int16(min(max(math.Round(x/wayUnit), math.MinInt16), math.MaxInt16))
			binary.LittleEndian.PutUint16(row[2*(h*personalSize+i):], uint16(n))
			known = known || n != 0
		}
	}
	if !known {
		return
	}
	var number [binary.MaxVarintLen64]byte
	c.rows.Write(number[:binary.PutUvarint(number[:], uint64(len(patient)))])
	c.rows.WriteString(patient)
	c.rows.Write(binary.LittleEndian.AppendUint32(number[:0], uint32(t.moments)))
	c.rows.Write(row[:])
	c.moments += int64(t.moments)
}

// adaptation is what was collected, of a log up to a moment.
func (c *ways) adaptation(until time.Time) (*Adaptation, error) {
	return indexed(c.rows.String(), until)
}

// indexed finds the people in rows.
func indexed(rows string, until time.Time) (*Adaptation, error) {
	a := &Adaptation{Until: until, rows: rows, at: map[string]int{}}
	if len(rows) > rowsMax {
		return nil, fmt.Errorf("the people's corrections take %d bytes, at most %d fit", len(rows), rowsMax)
	}
	err := a.each(func(patient string, moments uint32, at int) error {
		if _, twice := a.at[patient]; twice {
			return fmt.Errorf("%s is there twice", patient)
		}
		a.at[patient] = at
		a.Moments += int64(moments)
		return nil
	})
	return a, err
}

// each calls fn with everybody, in the order of rows, and where their ways begin.
func (a *Adaptation) each(fn func(patient string, moments uint32, at int) error) error {
	for at := 0; at < len(a.rows); {
		size, n := binary.Uvarint([]byte(a.rows[at:min(at+binary.MaxVarintLen64, len(a.rows))]))
		if n <= 0 || size > uint64(len(a.rows)) || at+n+int(size)+4+wayLen > len(a.rows) {
			return errors.New("it ends within a person")
		}
		name := a.rows[at+n : at+n+int(size)]
		at += n + int(size)
		if err := fn(name, binary.LittleEndian.Uint32([]byte(a.rows[at:at+4])), at+4); err != nil {
			return err
		}
		at += 4 + wayLen
	}
	return nil
}

// after is a, but as far only as corrections may have moved since an earlier adaptation:
// by personalPace a day of the log. Whoever the log tells nothing of any more is
// forgotten, and whoever is new is as a has them: taught has kept to the pace.
func (a *Adaptation) after(before *Adaptation) (*Adaptation, error) {
	if before == nil {
		return a, nil
	}
	most := personalPace * max(0, a.Until.Sub(before.Until).Hours()/24)
	var kept ways
	err := a.each(func(patient string, moments uint32, _ int) error {
		goal, _ := a.way(patient)
		t := taught{way: goal, moments: int(moments)}
		if way, known := before.way(patient); known {
			way.pursue(&goal, most)
			t.way = way
		}
		kept.add(patient, &t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	until := a.Until
	if before.Until.After(until) {
		until = before.Until
	}
	return kept.adaptation(until)
}

// encode is a as it lies in a registry, beside the weights of m.
func (a *Adaptation) encode(m *Model) ([]byte, error) {
	head, err := json.Marshal(adaptationHead{
		m.Version, m.Features, m.Weights.sum(), basisSum(), a.Until.UTC(), a.People(), a.Moments, sumOf(a.rows),
	})
	if err != nil {
		return nil, err
	}
	return append(append(head, '\n'), a.rows...), nil
}

// decodeAdaptation is what encode wrote. It refuses what is damaged, and what was made
// for other weights or another basis.
func decodeAdaptation(data []byte, m *Model) (*Adaptation, error) {
	line, rows, ok := strings.Cut(string(data), "\n")
	var head adaptationHead
	if err := json.Unmarshal([]byte(line), &head); err != nil || !ok {
		return nil, errors.New("it is damaged: its first line can't be read")
	}
	switch {
	case head.Features != m.Features || head.Weights != m.Weights.sum():
		return nil, fmt.Errorf("it was made for the weights %s of model %s, these are %s of %s", head.Weights, head.Version, m.Weights.sum(), m.Version)
	case head.Basis != basisSum():
		return nil, fmt.Errorf("its corrections rest on %s, this program's on %s: run titrate models adapt again", head.Basis, basisSum())
	case head.Sum != sumOf(rows):
		return nil, fmt.Errorf("it is damaged: its checksum is %s, not %s", sumOf(rows), head.Sum)
	}
	a, err := indexed(rows, head.Until)
	if err == nil && (a.People() != head.People || a.Moments != head.Moments) {
		err = fmt.Errorf("%d people and %d moments, not %d and %d", a.People(), a.Moments, head.People, head.Moments)
	}
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	return a, nil
}

func sumOf(rows string) string {
	sum := sha256.Sum256([]byte(rows))
	return hex.EncodeToString(sum[:8])
}

// basisSum tells programs apart that would understand a stored way differently.
func basisSum() string {
	var v feature.Vector
	for i := range v {
		v[i] = 40 * math.Sin(float64(i))
	}
	v[feature.Glucose] += 150
	sum := sha256.New()
	fmt.Fprint(sum, basis(&v), Scale, Horizons, wayUnit, float64(personalMost))
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
