package trial

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/titrate/titrate/train/glycemia"
)

//go:embed report.html.tmpl
var pageText string

// page is what the report shows.
type page struct {
	*Result
	Outcomes []Outcome
	Sections []section // one per arm that did not fail
	Failures []ArmResult
	Forest   template.HTML
	Worst    []worst
	WorstArm string
}

// section is one arm's part of the report.
type section struct {
	ArmResult
	AGP  template.HTML
	Grid template.HTML
}

// worst is one of the people who fared worst, with everything they were told.
type worst struct {
	Course *Course
	Values glycemia.Metrics
	Trace  template.HTML
	Said   []Said
	Left   int // messages that aren't shown
}

// HTML is the report as one file: no script, nothing beside it.
func (r *Result) HTML() ([]byte, error) {
	p := page{Result: r, Outcomes: Outcomes(), Forest: r.forest()}
	for _, a := range r.Arms {
		if a.Failed != "" {
			p.Failures = append(p.Failures, a)
			continue
		}
		p.Sections = append(p.Sections, section{a, agp(a.Courses), grid(a.Courses)})
	}
	if arm := r.examined(); arm != nil {
		p.WorstArm = arm.Arm
		p.Worst = worstOf(arm.Courses)
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"fig":  func(x float64) string { return fmt.Sprintf("%.2f", x) },
		"sign": func(x float64) string { return fmt.Sprintf("%+.2f", x) },
		"at":   func(t time.Time) string { return t.Format("2 Jan 15:04") },
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}

// examined is the arm whose worst people are shown: Titrate, or else the last.
func (r *Result) examined() *ArmResult {
	if a := r.arm(Titrate); a != nil {
		return a
	}
	for i := len(r.Arms) - 1; i >= 0; i-- {
		if r.Arms[i].Failed == "" {
			return &r.Arms[i]
		}
	}
	return nil
}

// What is shown of the worst.
const (
	worstShown = 5
	saidShown  = 150
)

// worstOf are the people with the largest glycemia risk index, worst first.
func worstOf(courses []*Course) []worst {
	all := make([]worst, len(courses))
	for i, c := range courses {
		all[i] = worst{Course: c, Values: glycemia.Measure(c.MgdL)}
	}
	slices.SortStableFunc(all, func(a, b worst) int {
		switch {
		case a.Values.GRI > b.Values.GRI:
			return -1
		case a.Values.GRI < b.Values.GRI:
			return 1
		}
		return 0
	})
	all = all[:min(worstShown, len(all))]
	for i := range all {
		w := &all[i]
		w.Trace = trace(w.Course)
		w.Said = w.Course.Said[:min(saidShown, len(w.Course.Said))]
		w.Left = len(w.Course.Said) - len(w.Said)
	}
	return all
}
