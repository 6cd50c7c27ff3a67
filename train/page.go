package train

import (
	"bytes"
	_ "embed" // the page's template
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

//go:embed report.html.tmpl
var pageText string

// page is what the report's template is filled with.
type page struct {
	Report  *Report
	People  int
	Names   []string
	Verdict string
	Errors  template.HTML
	Cover   template.HTML
	Losses  template.HTML

	Reliable   template.HTML
	Learning   template.HTML
	Weightiest []Importance
	Gates      []Gate
}

// HTML is the report as one page that needs nothing beside it.
func (r *Report) HTML() ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{
		"date":     func(t time.Time) string { return t.Format("2 January 2006") },
		"num":      func(x float64) string { return fmt.Sprintf("%.1f", x) },
		"num2":     func(x float64) string { return fmt.Sprintf("%.2f", x) },
		"num3":     func(x float64) string { return fmt.Sprintf("%.3f", x) },
		"percent1": func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) },
		"percent":  func(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) },
		"whole":    func(x float64) string { return fmt.Sprintf("%.0f", x) },
		"signed":   func(x float64) string { return strings.Replace(fmt.Sprintf("%+.1f", x), "-", "−", 1) },
		"count":    thousands,
		"shares":   shares,
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p := page{Report: r, Verdict: r.Verdict(), Errors: r.errorPlot(), Cover: r.coverPlot(), Losses: r.lossPlot(),
		Reliable: r.reliabilityPlot(), Learning: r.curvePlot(), Weightiest: r.Importance[:min(len(r.Importance), 12)], Gates: r.Gates()}
	p.People = len(r.Split.Train) + len(r.Split.Tune) + len(r.Split.Test)
	p.Names = forecasterNames[:]
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// thousands is a number as people read it: 296,291.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// shares are counts as parts of their sum.
func shares(counts [5]int) (text [5]string) {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	for i, n := range counts {
		text[i] = fmt.Sprintf("%.2f %%", 100*float64(n)/float64(max(sum, 1)))
	}
	return text
}

// fewPeople are too few for an interval over people to mean much.
const fewPeople = 5

// Verdict says in a few sentences what the report amounts to.
func (r *Report) Verdict() string {
	var parts []string
	for _, minutes := range []int{30, 60} {
		s := r.Score(minutes)
		if s == nil {
			continue
		}
		model, last := s.Forecasters[theModel].RMSE.Value, s.Forecasters[lastValue].RMSE.Value
		word := "better than"
		if model >= last {
			word = "no better than"
		}
		sure := "and other groups of people would likely say the same"
		if s.Gain.Low < 0 && s.Gain.High > 0 {
			sure = "which may be chance"
		}
		if len(r.Split.Test) < fewPeople {
			sure = "but only " + people(len(r.Split.Test)) + " judged it"
		}
		parts = append(parts, fmt.Sprintf("%d minutes ahead it errs by %.1f mg/dL on people it has not seen, "+
			"%s saying that nothing changes (%.1f), %s.", minutes, model, word, last, sure))
	}
	if few := r.LearnedFromFew(); few != "" {
		parts = append(parts, few)
	}
	if r.Probes.DoseWrong+r.Probes.CarbsWrong > 0 {
		parts = append(parts, "It got the direction of an intervention wrong: do not use it.")
	}
	return strings.Join(parts, " ")
}

// fewLearners is below how many people a model has learned so little that its doses are too
// small to treat with; see docs/model.md, How many people it takes.
const fewLearners = 20

// LearnedFromFew says what it means that a model learned from few people; empty if it didn't.
func (r *Report) LearnedFromFew() string {
	n := len(r.Split.Train)
	if n >= fewLearners {
		return ""
	}
	return fmt.Sprintf("It learned from %s: of so few its forecast is wide, and a wide forecast makes doses small. "+
		"Compare it with the prior (titrate trial --model %s, and --model prior) before it treats anybody.", people(n), r.Model)
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

var colours = []string{"#2b78b8", "#8a96a3", "#c77d2e", "#7a9a3a", "#9a5ca8", "#3a9a8f", "#b84a4a", "#5f7f9f", "#777777"}

func (r *Report) errorPlot() template.HTML {
	if len(r.Horizons) == 0 {
		return ""
	}
	p := plot{title: "Error on unseen people", across: "minutes ahead", up: "RMSE, mg/dL", most: 10}
	lines := make([]line, forecasters)
	for _, s := range r.Horizons {
		p.x = append(p.x, float64(s.Minutes))
		for k, f := range s.Forecasters {
			lines[k].name, lines[k].colour, lines[k].dashed = f.Name, colours[k], k > 0
			lines[k].y = append(lines[k].y, f.RMSE.Value)
		}
		lines[0].low = append(lines[0].low, s.Forecasters[0].RMSE.Low)
		lines[0].high = append(lines[0].high, s.Forecasters[0].RMSE.High)
		// A straight line errs by hundreds after hours; it may leave the picture.
		p.most = max(p.most, 1.15*s.Forecasters[lastValue].RMSE.High)
	}
	p.lines = lines
	return p.svg()
}

func (r *Report) coverPlot() template.HTML {
	if len(r.Coverage) == 0 {
		return ""
	}
	p := plot{title: "Outcomes inside the intervals", across: "minutes ahead", up: "%", least: 30, most: 100}
	lines := []line{
		{name: "90 % interval", colour: colours[0]}, {name: "90 % interval, after a bolus", colour: colours[2]},
		{name: "50 % interval", colour: colours[3]},
		{name: "promised", colour: colours[1], dashed: true}, {colour: colours[1], dashed: true},
	}
	for _, c := range r.Coverage {
		p.x = append(p.x, float64(c.Minutes))
		for k, y := range []float64{c.Wide, c.AfterBolus, c.Narrow, 0.9, 0.5} {
			lines[k].y = append(lines[k].y, 100*y)
		}
	}
	p.lines = lines
	return p.svg()
}

// reliabilityPlot is how many outcomes an hour ahead lay below each quantile.
func (r *Report) reliabilityPlot() template.HTML {
	if len(r.Reliability) == 0 {
		return ""
	}
	p := plot{title: "Outcomes below each quantile, an hour ahead", across: "promised, %", up: "came, %", most: 100}
	came, promised := line{name: "came", colour: colours[0]}, line{name: "promised", colour: colours[1], dashed: true}
	for _, l := range r.Reliability {
		p.x = append(p.x, 100*l.Promised)
		came.y, promised.y = append(came.y, 100*l.Came), append(promised.y, 100*l.Promised)
	}
	p.lines = []line{came, promised}
	return p.svg()
}

// curvePlot is what more people who teach were worth.
func (r *Report) curvePlot() template.HTML {
	if len(r.Curve) == 0 {
		return ""
	}
	p := plot{title: "Error by how many people taught", across: "people who taught", up: "RMSE at 60 min, mg/dL", most: 1}
	own := line{name: "model, told, of all", colour: colours[0]}
	for _, c := range r.Curve {
		p.x, own.y = append(p.x, float64(c.People)), append(own.y, c.RMSE60)
		p.most = max(p.most, 1.2*c.RMSE60)
	}
	p.lines = []line{own}
	return p.svg()
}

func (r *Report) lossPlot() template.HTML {
	if len(r.Epochs) == 0 {
		return ""
	}
	p := plot{title: "Loss by pass over the data", across: "pass", up: "pinball loss", most: 0}
	train, tune := line{name: "learned from", colour: colours[1]}, line{name: "tuned on", colour: colours[0]}
	for _, e := range r.Epochs {
		p.x = append(p.x, float64(e.Number))
		train.y, tune.y = append(train.y, e.Train), append(tune.y, e.Tune)
		p.most = max(p.most, 1.1*e.Train, 1.1*e.Tune)
	}
	p.lines = []line{train, tune}
	return p.svg()
}

// Files are what is published beside the weights, by name.
func (r *Result) Files() (map[string][]byte, error) {
	html, err := r.Report.HTML()
	if err != nil {
		return nil, err
	}
	report, err := json.MarshalIndent(r.Report, "", " ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	statistics, err := json.MarshalIndent(r.Statistics, "", " ")
	if err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	return map[string][]byte{
		"report.html": html, reportName: report, "features.json": statistics, "card.md": r.Report.card(),
	}, nil
}
