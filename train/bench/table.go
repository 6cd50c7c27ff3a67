package bench

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// Table writes T1D-UOM's examples as CSV, for forecasters of other languages: who, in
// which fold, when, the inputs of our model by name, and glucose that came 30, 60 and
// 120 minutes later (empty where nothing was measured). boosted.py reads it.
func Table(dir string, out io.Writer) error {
	replay, err := Recorded("t1d-uom", dir)
	if err != nil {
		return fmt.Errorf("bench t1d-uom: %w", err)
	}
	x, err := train.Collect(replay)
	if err != nil {
		return fmt.Errorf("bench t1d-uom: %w", err)
	}
	w := bufio.NewWriter(out)
	w.WriteString("patient,fold,at_us")
	for _, name := range feature.Names[:feature.Inputs] {
		w.WriteString("," + name)
	}
	w.WriteString(",came_30,came_60,came_120\n")
	ahead := []int{slices.Index(train.Horizons[:], 30), slices.Index(train.Horizons[:], 60), slices.Index(train.Horizons[:], 120)}
	for i := range x.Len() {
		name := x.People[x.Person[i]]
		fold := slices.IndexFunc(uomFolds, func(f []string) bool { return slices.Contains(f, name) })
		fmt.Fprintf(w, "%s,%d,%d", name, fold, x.At[i])
		for _, f := range x.Features[i*feature.Size : i*feature.Size+feature.Inputs] {
			w.WriteString("," + strconv.FormatFloat(float64(f), 'g', 7, 32))
		}
		for _, h := range ahead {
			w.WriteByte(',')
			if came := x.Outcome(i)[h]; came == came {
				w.WriteString(strconv.FormatFloat(float64(came), 'g', 7, 32))
			}
		}
		w.WriteByte('\n')
	}
	return w.Flush()
}
