package simulate

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the figures of docs/simulation.md")

// panel is one plot of a figure; curves are sampled every step minutes.
type panel struct {
	title    string
	unit     string
	from, to float64 // of the vertical axis
	hours    float64 // of the horizontal axis
	step     float64
	curves   []curve
}

type curve struct {
	name  string
	y     []float64
	color string
}

const panelWidth, panelHeight, margin = 360.0, 200.0, 44.0

// svg draws panels in two columns.
func svg(panels []panel) []byte {
	var b bytes.Buffer
	rows := (len(panels) + 1) / 2
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" font-family="sans-serif" font-size="11">`+"\n",
		2*(panelWidth+2*margin), float64(rows)*(panelHeight+2*margin))
	fmt.Fprintln(&b, `<rect width="100%" height="100%" fill="white"/>`)
	for i, p := range panels {
		x, y := float64(i%2)*(panelWidth+2*margin)+margin, float64(i/2)*(panelHeight+2*margin)+margin
		fmt.Fprintf(&b, `<g transform="translate(%g,%g)">`+"\n", x, y)
		p.draw(&b)
		fmt.Fprintln(&b, "</g>")
	}
	fmt.Fprintln(&b, "</svg>")
	return b.Bytes()
}

func (p panel) draw(b *bytes.Buffer) {
	fmt.Fprintf(b, `<text y="-12" font-weight="bold">%s</text><text x="%g" y="-12" text-anchor="end">%s</text>`+"\n", p.title, panelWidth, p.unit)
	for i := range 5 {
		share := float64(i) / 4
		y := panelHeight * (1 - share)
		fmt.Fprintf(b, `<path d="M0 %g H%g" stroke="#ddd"/><text x="-6" y="%g" text-anchor="end">%g</text>`+"\n", y, panelWidth, y+4, p.from+share*(p.to-p.from))
		fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%g h</text>`+"\n", share*panelWidth, panelHeight+16, share*p.hours)
	}
	for i, c := range p.curves {
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="1.6" points="`, c.color)
		for j, y := range c.y {
			fmt.Fprintf(b, "%.1f,%.1f ", float64(j)*p.step/60/p.hours*panelWidth, panelHeight*(1-(y-p.from)/(p.to-p.from)))
		}
		fmt.Fprintf(b, `"/><text x="%g" y="%d" fill="%s" text-anchor="end">%s</text>`+"\n", panelWidth-4, 12+14*i, c.color, c.name)
	}
}

// course samples what f sees every five minutes; first enters at the beginning.
func courseOf(b *Body, minutes int, first, then Input, f func() float64) []float64 {
	ys := []float64{f()}
	for m := 0; m < minutes; m += 5 {
		in := then
		if m == 0 {
			in = first
		}
		b.Step(5, in)
		ys = append(ys, f())
	}
	return ys
}

// bodyFigure shows how the mean adult answers to a meal, a bolus, glucose in the
// vein, and long-acting insulin.
func bodyFigure() []byte {
	p := MeanParams()
	answer := func(in Input, minutes int) []float64 {
		b := NewBody(p)
		basal := Input{BasalUPerMin: b.BasalFor(restMgdL)}
		in.BasalUPerMin = basal.BasalUPerMin
		return courseOf(b, minutes, in, basal, b.Glucose)
	}
	flat := func(halfLife float64) []float64 {
		q := p
		q.LongHalfLife = halfLife
		b := NewBody(q)
		b.Settle(restMgdL, 1)
		daily := Input{LongU: b.BasalFor(restMgdL) * 1440}
		for range 10 {
			b.Step(1440, daily)
		}
		return courseOf(b, 1440, daily, Input{}, b.Insulin)
	}
	dose := 60 / titrateICR(p, 60)
	return svg([]panel{
		{"60 g meal", "mg/dL", 50, 350, 8, 5, []curve{
			{"alone", answer(Input{CarbsG: 60}, 480), "#c0392b"},
			{fmt.Sprintf("with %.1f U", dose), answer(Input{CarbsG: 60, RapidU: dose}, 480), "#2471a3"}}},
		{"bolus, fasting", "mg/dL", 50, 130, 8, 5, []curve{
			{"1 U", answer(Input{RapidU: 1}, 480), "#2471a3"},
			{"2 U", answer(Input{RapidU: 2}, 480), "#c0392b"}}},
		{"0.3 g/kg glucose into the vein", "mg/dL", 50, 350, 4, 5, []curve{
			{"", answer(Input{GlucoseIVG: 0.3 * p.WeightKg}, 240), "#2471a3"}}},
		{"a day's long-acting insulin, steady state", "plasma insulin, mU/L", 0, 20, 24, 5, []curve{
			{"glargine", flat(glargineHalfLife), "#c0392b"},
			{"degludec", flat(degludecHalfLife), "#2471a3"}}},
	})
}

// lifeFigure shows two days of two people: true glucose and what their sensors say
// with every fault on.
func lifeFigure(t *testing.T) []byte {
	var panels []panel
	for _, p := range people(t, Options{Patients: 4, Seed: 1, Cohort: "adult", Faults: []string{"all"}}) {
		var real, shown []float64
		for i := range 2*288 + 1 {
			during(t, p, time.Duration(i)*interval)
			real = append(real, p.Glucose())
			if mgdl, ok := p.d.Sensor.latest(p.d.Now); ok || len(shown) == 0 {
				shown = append(shown, mgdl)
			} else {
				shown = append(shown, shown[len(shown)-1])
			}
		}
		panels = append(panels, panel{p.Patient() + ", all faults on", "mg/dL", 0, 400, 48, 5, []curve{
			{"sensor as displayed", shown, "#c0392b"}, {"plasma", real, "#2471a3"}}})
	}
	return svg(panels)
}

// The figures in the docs show this code, not an older one.
func TestFiguresAreCurrent(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("figures were drawn on amd64; fused multiply-add may move a point by a tenth of a pixel elsewhere")
	}
	for name, want := range map[string][]byte{"body": bodyFigure(), "life": lifeFigure(t)} {
		file := "../../docs/simulation-" + name + ".svg"
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go test ./ingest/simulate -run Figures -update, and look at it", file)
		}
	}
}
