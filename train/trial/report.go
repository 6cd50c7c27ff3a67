package trial

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"

	"github.com/titrate/titrate/train/glycemia"
)

//go:embed report.html.tmpl
var pageText string

// page is what the report shows.
type page struct {
	*Result
	About    string    // what the people's lives were like
	Sections []section // one per arm that did not fail
	Failures []ArmResult
	Forest   template.HTML
	Worst    []worst
	WorstArm string
}

// section is one arm's part of the report.
type section struct {
	ArmResult
	About string
	Bar   []part
	AGP   template.HTML
	Grid  template.HTML
	Zones string
}

// worst is one of the people who fared worst, with everything they were told.
type worst struct {
	Course *Course
	Values glycemia.Metrics
	Trace  template.HTML
	Sheets []template.HTML   // the same, for paper
	Beside *glycemia.Metrics // with the reference; nil if that is the arm shown
	Why    string
}

// HTML is the report as one file: no script, nothing beside it.
func (r *Result) HTML() ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{
		"fig": fixed, "difference": difference,
		"sure": func(d Difference) bool { return d.Low > 0 || d.High < 0 },
		"zone": glycemia.Zone,
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r.page()); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}

func (r *Result) page() page {
	p := page{Result: r, Forest: r.forest(), About: r.Condition}
	if c, err := ConditionNamed(r.Condition); err == nil {
		p.About = c.About
	}
	for _, a := range r.Arms {
		if a.Failed != "" {
			p.Failures = append(p.Failures, a)
			continue
		}
		p.Sections = append(p.Sections, section{
			ArmResult: a, About: about(a.Arm), Bar: bar(&a.Groups[0]), AGP: agp(a.Courses), Grid: grid(a.Courses), Zones: zones(a.Courses),
		})
	}
	if arm := r.examined(); arm != nil {
		p.WorstArm = arm.Arm
		p.Worst = worstOf(arm.Courses, r.arm(r.Reference).Courses)
	}
	return p
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

// worstShown is how many of the worst are shown.
const worstShown = 5

// worstOf are the people with the largest glycemia risk index, worst first. The
// reference's courses are of the same people in the same order.
func worstOf(courses, reference []*Course) []worst {
	all := make([]worst, len(courses))
	order := make([]int, len(courses))
	for i, c := range courses {
		order[i] = i
		all[i] = worst{Course: c, Values: glycemia.Measure(c.MgdL)}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case all[a].Values.GRI > all[b].Values.GRI:
			return -1
		case all[a].Values.GRI < all[b].Values.GRI:
			return 1
		}
		return 0
	})
	var shown []worst
	for _, i := range order[:min(worstShown, len(order))] {
		w := all[i]
		w.Trace = trace(w.Course, reference[i], wholeOf(w.Course))
		w.Sheets = sheets(w.Course, reference[i])
		w.Why = w.Course.why(reference[i])
		if reference[i] != w.Course {
			beside := glycemia.Measure(reference[i].MgdL)
			w.Beside = &beside
		}
		shown = append(shown, w)
	}
	return shown
}
