package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"

	"github.com/titrate/titrate/train/feature"
)

// stored is a model as it lies in weights.json.
type stored struct {
	Version  string  `json:"version"`
	Features string  `json:"features"`
	Sum      string  `json:"sum"` // over the weights' bits: a flipped digit is noticed
	Weights  Weights `json:"weights"`
}

// Encode is the model as JSON.
func (m *Model) Encode() ([]byte, error) {
	if err := m.Weights.check(); err != nil {
		return nil, fmt.Errorf("encode model %s: %w", m.Version, err)
	}
	return json.MarshalIndent(stored{m.Version, m.Features, m.Weights.sum(), m.Weights}, "", " ")
}

// Decode is the model that Encode wrote. It refuses damaged weights, and weights
// that were trained with features other than this program computes.
func Decode(data []byte) (*Model, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("the weights are damaged: %w", err)
	}
	if now := feature.Fingerprint(); s.Features != now {
		return nil, fmt.Errorf("model %s was trained with features %s, this program computes %s: train again",
			s.Version, s.Features, now)
	}
	if err := s.Weights.check(); err != nil {
		return nil, fmt.Errorf("the weights are damaged: %w", err)
	}
	if s.Weights.sum() != s.Sum {
		return nil, fmt.Errorf("the weights are damaged: their checksum is %s, not %s", s.Weights.sum(), s.Sum)
	}
	return &Model{Version: s.Version, Features: s.Features, Weights: s.Weights}, nil
}

// check makes sure that every matrix has its size and every number is finite.
func (w *Weights) check() error {
	zero := ZeroWeights()
	want := zero.matrices()
	for i, have := range w.matrices() {
		size := len(*want[i].numbers)
		switch have.name {
		case "Lows", "Onset", "Least", "Most":
			if len(*have.numbers) == 0 {
				continue // a model from before they were there, or too few lows to learn from
			}
		}
		if have.name == "Least" || have.name == "Most" {
			size = feature.Inputs // the prior has none
		}
		if len(*have.numbers) != size {
			return fmt.Errorf("%s holds %d numbers, want %d", have.name, len(*have.numbers), size)
		}
		for _, x := range *have.numbers {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s holds %v", have.name, x)
			}
		}
	}
	if len(w.Least) != len(w.Most) {
		return fmt.Errorf("ranges of the inputs: %d begin, %d end", len(w.Least), len(w.Most))
	}
	for _, share := range w.Onset {
		if share < onsetLeast || share > 1 {
			return fmt.Errorf("the onset holds %v, want %v to 1", share, onsetLeast)
		}
	}
	for i, std := range w.Std {
		if std <= 0 {
			return fmt.Errorf("standard deviation of %s is %v", feature.Names[i], std)
		}
	}
	return nil
}

// sum is a checksum over names, sizes and bits of the matrices.
func (w *Weights) sum() string {
	h := sha256.New()
	for _, m := range w.matrices() {
		if len(*m.numbers) == 0 {
			continue
		}
		fmt.Fprintf(h, "%s %d\n", m.name, len(*m.numbers))
		var b [8]byte
		for _, x := range *m.numbers {
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
			h.Write(b[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// matrix is one field of Weights and its name.
type matrix struct {
	name    string
	numbers *[]float64
}

func (w *Weights) matrices() []matrix {
	v := reflect.ValueOf(w).Elem()
	all := make([]matrix, v.NumField())
	for i := range all {
		all[i] = matrix{v.Type().Field(i).Name, v.Field(i).Addr().Interface().(*[]float64)}
	}
	return all
}
