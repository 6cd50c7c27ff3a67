package mobile

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/titrate/titrate/predict"
)

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
		if kind == predict.Basal {
			after -= 10 * time.Hour // the day before
		}
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
	w.tell(person, -879*time.Minute, `"type":"response","recommendation":"r-0","action":"accepted","units":3.5`)
}
