package fit

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// progress is how far a fit is, and all that the passes to come depend on.
type progress struct {
	key   string // of rows and options
	Out   train.Fitted
	Best  float64 // loss of the tune rows
	Since int     // epochs since it was reached
}

// judge takes in a pass.
func (p *progress) judge(epoch *train.Epoch, now train.Weights, patience int) {
	p.Since++
	if epoch.Tune < p.Best {
		p.Best, p.Since, epoch.Best = epoch.Tune, 0, true
		p.Out.Weights = now
	}
	p.Out.Epochs = append(p.Out.Epochs, *epoch)
	if p.Since >= patience {
		p.Out.Stopped = "patience"
	}
}

// kept is progress with the params and the state of Adam, as it is written.
type kept struct {
	Key           string
	Progress      progress
	Params        [][]float
	Steps         int
	First, Second [][]float64
}

func (p *progress) keep(d *descent, keep func([]byte) error) error {
	k := kept{Key: p.key, Progress: *p, Steps: d.adam.steps, First: d.adam.first, Second: d.adam.second}
	for _, f := range d.master() {
		k.Params = append(k.Params, f.data)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(k); err != nil {
		return err
	}
	return keep(b.Bytes())
}

// resume goes on from a kept state; false, and nothing changed, if it is of other rows
// or options, or damaged.
func (p *progress) resume(d *descent, state []byte) bool {
	var k kept
	if len(state) == 0 || gob.NewDecoder(bytes.NewReader(state)).Decode(&k) != nil || k.Key != p.key {
		return false
	}
	master := d.master()
	if len(k.Params) != len(master) {
		return false
	}
	for i, f := range master {
		copy(f.data, k.Params[i])
	}
	d.adam = adam{steps: k.Steps, first: k.First, second: k.Second}
	d.share()
	key := p.key
	*p = k.Progress
	p.key = key
	return true
}

const keyRows = 2000

// keyOf tells fits apart: by features, options, numbers of rows, and the contents of
// some of them.
func keyOf(x *train.Examples, o train.FitOptions) string {
	h := sha256.New()
	fmt.Fprintln(h, feature.Fingerprint(), o.Seed, o.Epochs, o.Patience, o.Batch, o.Rate, len(o.Train), len(o.Tune), len(x.People))
	var v feature.Vector
	for k := range min(keyRows, len(o.Train)) {
		i := o.Train[k*len(o.Train)/min(keyRows, len(o.Train))]
		x.Vector(i, &v)
		fmt.Fprintln(h, i, v, x.Outcome(i))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:12])
}
