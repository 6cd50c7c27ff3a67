package mobile

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// gate takes the place of the gateway: it keeps what the page sends, and lets the
// server observe it, as if it had gone through the log.
type gate struct {
	mu   sync.Mutex
	sent []string
	ward *ward
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, `{"error":"no"}`, http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, string(body))
	g.ward.offset++
	g.ward.Observe(ingest.Record{Topic: "events", Partition: 3, Offset: g.ward.offset, Seen: g.ward.options.Clock(person),
		Key: []byte(person), Value: []byte(strings.TrimSpace(string(body)))})
	w.WriteHeader(http.StatusAccepted)
}

func (g *gate) all() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.sent, "")
}

// lively is a ward of twenty people, whose clock runs sixty times as fast as ours.
func lively(t *testing.T) (*ward, *gate, string) {
	w := newWard(t)
	start := time.Now()
	w.Server = New(Options{
		Token: token,
		Model: train.Prior(),
		Clock: func(string) time.Time { return morning.Add(60 * time.Since(start)) },
		Wall:  time.Now,
		Label: func(string) Label { return Label{Simulated: true, Speed: 60} },
	})
	t.Cleanup(w.Close)
	w.SetReady()
	for n := range 20 {
		w.sixHours(n)
	}
	g := &gate{ward: w}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/events", g)
	mux.Handle("/", w.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return w, g, server.URL
}

// sixHours is the morning of person n: breakfast at 03:30, a snack, and doses.
func (w *ward) sixHours(n int) {
	id := fmt.Sprintf("p-%04d", n)
	w.tell(id, -24*time.Hour, settings)
	w.tell(id, -270*time.Minute, `"type":"meal","carbs_g":52,"meal":"breakfast"`)
	w.tell(id, -265*time.Minute, `"type":"insulin","units":5,"kind":"rapid","reason":"meal","product":"lispro"`)
	w.tell(id, -90*time.Minute, `"type":"meal","carbs_g":18,"meal":"snack"`)
	w.tell(id, -88*time.Minute, `"type":"insulin","units":1.5,"kind":"rapid","reason":"meal","product":"lispro"`)
	for m := -360; m <= 0; m += 5 {
		x := float64(m)
		hump := 95*math.Exp(-math.Pow((x+195)/48, 2)) + 38*math.Exp(-math.Pow((x+30)/35, 2))
		mgdl := 104 + hump + 3*math.Sin(x/7) + float64((n*37)%80) - 35
		w.tell(id, time.Duration(m)*time.Minute, fmt.Sprintf(`"type":"glucose","value":%.0f,"unit":"mg/dL","source":"cgm"`, mgdl))
	}
}

func TestPersonAnswersAdviceOnThePage(t *testing.T) {
	p := openPage(t)
	w, g, url := lively(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	p.sees("[data-testid=glucose]", "")
	p.shoot("390-light-quiet")

	meal := w.tell(person, 5*time.Second, `"type":"meal","carbs_g":45,"meal":"lunch"`)
	w.advise("r-1", 5*time.Second, func(r *predict.Recommendation) { lunch(r, meal) }, produced(38*time.Millisecond))
	p.sees("[data-testid=advice]", "3.5 U for 45 g")
	p.sees(".latency", "event → advice")
	p.noSideways()
	p.shoot("390-light")
	p.press("Advice", "Accept")
	p.sees("[data-testid=settled]", "Accepted 3.5 U")
	for _, want := range []string{`"type":"response"`, `"recommendation":"r-1"`, `"action":"accepted"`, `"units":3.5`, `"patient":"p-0007"`} {
		if !strings.Contains(g.all(), want) {
			t.Errorf("the response lacks %s: %s", want, g.all())
		}
	}
	p.tokenIsHidden()
	if got := p.complaints(); len(got) > 0 {
		t.Errorf("console: %v", got)
	}
}

// lunch is the advice for a meal of 45 g at the log position offset.
func lunch(r *predict.Recommendation, offset int64) {
	r.Expires = r.Time.Add(30 * time.Minute)
	r.Because = "45 g ÷ 12 g/U = 3.75 U; (136 − 110) ÷ 50 = 0.52 U, less 1.2 U still active; rounded down to 3.5 U"
	r.Components = predict.Components{MealU: 3.75, CorrectionU: 0, IOBU: 1.2, ModelFactor: 0.97}
	r.Gates = []predict.Gate{
		{ID: "sensor_age", Outcome: "pass", Note: "last reading 1 min ago"},
		{ID: "predicted_low", Outcome: "pass", Note: "lowest 95 % bound 84 mg/dL at 150 min"},
		{ID: "stacking", Outcome: "reduce", Note: "1.2 U still active covers the correction"},
		{ID: "max_bolus", Outcome: "pass", Note: "3.5 U of at most 10 U"},
	}
	for _, m := range train.Horizons {
		x := float64(m)
		mid := 106 + 58*math.Exp(-math.Pow((x-75)/48, 2)) - 5*(1-math.Exp(-x/60))
		r.Forecast = append(r.Forecast, predict.ForecastPoint{Minutes: m, P05: cleanse.MgdL(mid - 24*(1-math.Exp(-x/70))), P50: cleanse.MgdL(mid), P95: cleanse.MgdL(mid + 52*(1-math.Exp(-x/80)))})
	}
	r.Model, r.Event = "2026-11-20.3", predict.EventRef{Partition: 3, Offset: offset}
}

func TestReaderSignsInPicksSomebodyAndAsks(t *testing.T) {
	p := openPage(t)
	_, g, url := lively(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(url))
	p.sees("form h1", "Sign in")
	p.fill("token", "wrong")
	p.do(chromedp.Click(chromedp.CSS("form button")))
	p.sees("#token-error", "not accepted")
	p.shoot("sign-in")
	p.fill("token", token)
	p.do(chromedp.Click(chromedp.CSS("form button")))

	p.sees(".line", "Live")
	p.do(chromedp.Click(chromedp.CSS("button.person")))
	p.sees("dialog[open]", "p-0019")
	p.shoot("390-list")
	p.fill("sheet-search", "0012")
	p.do(chromedp.Click(chromedp.CSS("dialog .row")))
	p.sees("button.person", "p-0012")
	p.sees(".line", "Live")

	p.fill("carbs", "4,5x")
	p.sees("#carbs-note", "Enter grams")
	p.fill("carbs", "45")
	p.press("What if I eat", "Ask")
	p.sees(".reply h3", "45 g")
	p.noSideways()
	p.shoot("390-what-if")
	p.press("What if I eat", "I eat this now: log 45 g")
	p.sees("#carbs-note", "45 g logged")
	for _, want := range []string{`"type":"meal"`, `"carbs_g":45`, `"patient":"p-0012"`} {
		if !strings.Contains(g.all(), want) {
			t.Errorf("the meal lacks %s: %s", want, g.all())
		}
	}

	p.do(chromedp.Click(`//label[normalize-space()="mmol/L"]`), chromedp.Reload())
	p.sees("[data-testid=glucose]", ".")
	p.sees("button.person", "p-0012")
}

// fill types text into the field of that id, over what it held.
func (p *page) fill(id, text string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible(chromedp.ID(id)))
	run[bool](p, fmt.Sprintf("document.getElementById(`%s`).select() ?? true", id))
	p.do(chromedp.SendKeys(chromedp.ID(id), text))
}

func TestNothingIsPrefilledForAChangedDose(t *testing.T) {
	p := openPage(t)
	w, g, url := lively(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(url + "/?token=" + token + "#patient=" + person))
	p.sees(".line", "Live")
	meal := w.tell(person, 0, `"type":"meal","carbs_g":45`)
	w.advise("r-1", 0, func(r *predict.Recommendation) { lunch(r, meal) })
	p.press("Advice", "Change")
	if got := run[string](p, `document.getElementById("amount").value`); got != "" {
		t.Errorf("the field holds %q", got)
	}
	p.fill("amount", "30")
	p.sees("#amount-error", "from 0 to 25")
	p.fill("amount", "2,5")
	p.shoot("390-change")
	p.press("Advice", "Save")
	p.sees("[data-testid=settled]", "Changed 2.5 U")
	if got := g.all(); !strings.Contains(got, `"action":"changed"`) || !strings.Contains(got, `"units":2.5`) {
		t.Errorf("response %s", got)
	}
	p.tokenIsHidden()
}

func TestPageComesBackAfterALostLine(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	w.Close() // ends the stream, as a restart does
	p.sees(".line", "Reconnecting")
	w.glucose(time.Minute, 222)
	p.sees("[data-testid=glucose]", "222")
}

func TestPageSaysWhenNobodyIsCalledSo(t *testing.T) {
	p := openPage(t)
	_, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=p-9999"))
	p.sees("[role=alert]", "Nobody is called p-9999")
}

// Pictures of the states that the other tests don't reach.
func TestPictures(t *testing.T) {
	if os.Getenv("TITRATE_SHOTS") == "" {
		t.Skip("set TITRATE_SHOTS to a directory to get pictures of the page")
	}
	p := openPage(t)
	w, _, url := lively(t)
	w.busyMorning()
	p.size(1280, 900)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees("[data-testid=advice]", "3.5 U for 45 g")
	p.shoot("1280-light")
	p.do(chromedp.Click(chromedp.CSS("button.icon")))
	p.shoot("1280-dark")
	p.do(chromedp.Click(chromedp.CSS(".gates summary")))
	p.size(390, 844)
	p.shoot("390-dark")
	p.do(chromedp.Click(chromedp.CSS("button.icon")))
	p.do(chromedp.Click(chromedp.CSS(".past summary")))
	p.shoot("390-open")
	w.glucose(3*time.Minute, 52)
	w.advise("low", 3*time.Minute, func(r *predict.Recommendation) {
		r.Kind, r.Units, r.CarbsG, r.Because = predict.Carbs, 0, 15, "52 mg/dL and falling; 15 g raise it by about 55 mg/dL"
	})
	p.sees("[data-testid=advice]", "Eat 15 g")
	run[bool](p, "(scrollTo(0, 0), true)")
	p.shoot("390-low")
}

// A picture of a page that runs elsewhere, such as the demo's: TITRATE_PAGE is its
// address with the token.
func TestPictureOfARunningPage(t *testing.T) {
	address := os.Getenv("TITRATE_PAGE")
	if address == "" || os.Getenv("TITRATE_SHOTS") == "" {
		t.Skip("set TITRATE_PAGE and TITRATE_SHOTS to get a picture of a running page")
	}
	p := openPage(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(address))
	p.sees(".line", "Live")
	p.shoot("running-390")
	p.size(1280, 900)
	p.shoot("running-1280")
}

// busyMorning is a morning with advice of every sort, the last of which holds.
func (w *ward) busyMorning() {
	for i, kind := range []predict.Kind{predict.Basal, predict.Hold, predict.Correction, predict.Check, predict.Bolus} {
		after := time.Duration(-280+i*60) * time.Minute
		if kind == predict.Bolus {
			after = 0
		}
		meal := int64(-1)
		if kind == predict.Bolus || kind == predict.Hold {
			meal = w.tell(person, after, `"type":"meal","carbs_g":45`)
		}
		w.advise(fmt.Sprint("r-", i), after, func(r *predict.Recommendation) {
			lunch(r, meal)
			r.Kind = kind
			switch kind {
			case predict.Hold:
				r.Units, r.Because = 0, "no dose: the last reading is 14 min old, and doses need one of the last 12 min"
			case predict.Check:
				r.Units, r.Because = 0, "glucose fell by 40 mg/dL in 5 min, which bodies don't do: check with a meter"
			}
		}, produced(38*time.Millisecond))
	}
	w.tell(person, -279*time.Minute, `"type":"response","recommendation":"r-0","action":"accepted","units":3.5`)
}
