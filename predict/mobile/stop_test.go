package mobile

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/titrate/titrate/predict"
)

// TestStoppedAdviceIsWithdrawnEverywhere: in the list, in the history, in what is
// asked, on open streams and on those that open later.
func TestStoppedAdviceIsWithdrawnEverywhere(t *testing.T) {
	w := newWard(t)
	w.SetReady()
	w.glucose(0, 143)
	w.advise("a", 0, nil)
	l := w.listen(serve(t, w.Handler()), "")
	l.next()

	w.Stop("the model is under review")
	if got := l.next(); got.event != "stop" || !strings.Contains(got.data, "under review") {
		t.Errorf("an open stream hears %+v", got)
	}
	if got := states(w.history("")); got != "a withdrawn" {
		t.Error(got)
	}
	var list struct{ Patients []Summary }
	w.ask("GET", "/v1/patients", "", &list)
	if p := list.Patients[0]; p.Advice != nil || p.Stopped != "the model is under review" {
		t.Errorf("in the list: %+v", p)
	}
	var r predict.Recommendation
	if got := w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &r); got != http.StatusOK ||
		r.Kind != predict.Hold || r.Units != 0 || !strings.Contains(r.Because, "under review") {
		t.Errorf("asked: %d %+v", got, r)
	}
	w.advise("late", time.Minute, nil)
	w.advise("refusal", 2*time.Minute, func(r *predict.Recommendation) { r.Kind, r.Units = predict.Hold, 0 })
	if got := states(w.history("")); got != "a withdrawn, late withdrawn, refusal current" {
		t.Error(got)
	}
	w.tell("p-8", 0, `"type":"glucose","value":120,"unit":"mg/dL","source":"cgm"`)
	w.ask("GET", "/v1/patients", "", &list)
	for _, p := range list.Patients {
		if p.Stopped == "" {
			t.Errorf("%s, of whom the log told later, is not told", p.ID)
		}
	}

	w.Stop("")
	w.advise("b", 3*time.Minute, nil)
	if got := states(w.history("")); got != "a withdrawn, late withdrawn, refusal superseded, b current" {
		t.Errorf("when advice goes on: %s", got)
	}
}

func TestPageSaysThatAdviceIsStopped(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	meal := w.tell(person, 5*time.Second, `"type":"meal","carbs_g":45,"meal":"lunch"`)
	w.advise("r-1", 5*time.Second, func(r *predict.Recommendation) { lunch(r, meal) })
	p.sees("[data-testid=advice]", "3.5 U for 45 g")
	w.Stop("the model is under review")
	p.sees("[data-testid=stopped]", "the model is under review")
	p.sees("[data-testid=settled]", "Withdrawn")
}
