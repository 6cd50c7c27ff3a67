package mobile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/titrate/titrate/predict"
)

// openPerson is the page of somebody on a phone, signed in.
func openPerson(t *testing.T) (*page, *ward, *gate) {
	p := openPage(t)
	w, g, url := lively(t)
	p.size(390, 844)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	return p, w, g
}

func TestPersonAnswersAdviceOnThePage(t *testing.T) {
	p, w, g := openPerson(t)
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

// A day's basal insulin is more than a bolus ever is: who takes 38 U can say so.
func TestABasalDoseMayBeChangedToWhatPeopleTake(t *testing.T) {
	p := openPage(t)
	w, g, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	w.advise("r-1", 0, func(r *predict.Recommendation) { r.Kind, r.Units = predict.Basal, 40 })
	p.press("Advice", "Change")
	p.fill("amount", "101")
	p.sees("#amount-error", "from 0 to 100")
	p.fill("amount", "38")
	p.press("Advice", "Save")
	p.sees("[data-testid=settled]", "Changed 38 U")
	if got := g.all(); !strings.Contains(got, `"units":38`) {
		t.Errorf("response %s", got)
	}
}

// A question whether a dose was taken is answered about that dose: an answer about the question
// itself would leave it counting as taken.
func TestAQuestionIsAnsweredOnThePage(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*page)
		says   string
		wants  []string
	}{
		"taken":        {func(p *page) { p.press("Advice", "Yes, 3.5 U") }, "Taken 3.5 U", []string{`"action":"accepted"`, `"units":3.5`}},
		"not taken":    {func(p *page) { p.press("Advice", "No") }, "Not taken", []string{`"action":"declined"`, `"reason":"not taken"`}},
		"another much": {func(p *page) { p.press("Advice", "Other"); p.fill("amount", "2"); p.press("Advice", "Save") }, "Taken 2 U", []string{`"action":"changed"`, `"units":2`}},
	} {
		t.Run(name, func(t *testing.T) {
			p, w, g := openPerson(t)
			meal := w.tell(person, 0, `"type":"meal","carbs_g":45`)
			w.advise("r-1", 0, func(r *predict.Recommendation) { lunch(r, meal) })
			w.advise("r-2", time.Minute, func(r *predict.Recommendation) {
				r.Kind, r.Units, r.Asks, r.Because = predict.Check, 0, "r-1", "3.5 U were advised 15 min ago and nothing was logged since: did you take them? Until you answer they count as taken"
			})
			p.sees("[data-testid=advice]", "Did you take it?")
			p.noSideways()
			p.shoot("390-question")
			c.answer(p)
			p.sees("[data-testid=settled]", c.says)
			for _, want := range append(c.wants, `"recommendation":"r-1"`) {
				if !strings.Contains(g.all(), want) {
					t.Errorf("the response lacks %s: %s", want, g.all())
				}
			}
			p.do(chromedp.Reload())
			p.sees("[data-testid=settled]", c.says) // as the server has it, too
		})
	}
}

// What the meter shows goes into the log as a reading, in the reader's unit.
func TestAMeasurementIsEnteredOnThePage(t *testing.T) {
	p, w, g := openPerson(t)
	p.do(chromedp.Click(`//label[normalize-space()="mmol/L"]`))
	meal := w.tell(person, 0, `"type":"meal","carbs_g":45`)
	w.advise("r-1", 0, func(r *predict.Recommendation) {
		lunch(r, meal)
		r.Kind, r.Units, r.Because = predict.Check, 0, "no insulin: glucose was below 80 mg/dL 35 min ago and can't be trusted now: measure with a meter first"
	})
	p.sees("[data-testid=advice]", "Measure first, for 45 g")
	p.fill("measured", "120")
	p.sees("#measured-error", "from 0.6 to 33.3 mmol/L")
	p.fill("measured", "7,9")
	p.noSideways()
	p.shoot("390-measure")
	p.press("Advice", "Save")
	p.sees("[data-testid=settled]", "Done")
	for _, want := range []string{`"type":"glucose"`, `"value":7.9`, `"unit":"mmol/L"`, `"source":"fingerstick"`, `"recommendation":"r-1"`, `"action":"accepted"`} {
		if !strings.Contains(g.all(), want) {
			t.Errorf("what was sent lacks %s: %s", want, g.all())
		}
	}
	p.sees("[data-testid=glucose]", "7.9")
}

// Whoever measures says so without being asked.
func TestAMeterReadingIsLoggedOnThePage(t *testing.T) {
	p, _, g := openPerson(t)
	p.do(chromedp.Click(chromedp.CSS(".meter summary")))
	p.fill("meter", "9")
	p.sees("#meter-error", "from 10 to 600 mg/dL")
	p.fill("meter", "163")
	p.noSideways()
	p.shoot("390-meter")
	p.do(chromedp.Click(chromedp.CSS(".meter button")))
	p.sees("[data-testid=meter-note]", "Logged.")
	p.sees("[data-testid=glucose]", "163")
	for _, want := range []string{`"type":"glucose"`, `"value":163`, `"unit":"mg/dL"`, `"source":"fingerstick"`, `"patient":"p-0007"`} {
		if !strings.Contains(g.all(), want) {
			t.Errorf("what was sent lacks %s: %s", want, g.all())
		}
	}
}

// Whoever ate against a low isn't told to eat again while the carbs can't show yet, and a card
// without a dose has no units that could be read as one.
func TestACardWithoutADoseSaysNothingThatContradictsIt(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	w.glucose(time.Minute, 66)
	p.sees(".status", "Low. Take fast carbs.")
	meal := w.tell(person, time.Minute, `"type":"meal","carbs_g":15,"meal":"rescue"`)
	w.advise("r-1", time.Minute, func(r *predict.Recommendation) {
		lunch(r, meal)
		r.Kind, r.Units, r.Because = predict.Hold, 0, "15 g of carbs against a low need no insulin; check again in 15 min"
	})
	p.sees("[data-testid=advice]", "No dose for 15 g")
	p.sees(".status", "15 g eaten")
	if got := run[int](p, `document.querySelectorAll(".advice .parts").length`); got != 0 {
		t.Error("the card that says no dose tells the parts of one")
	}
	w.glucose(2*time.Minute, 52)
	p.sees(".status", "Very low. Take fast carbs now.")
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

// An address that names nobody shows somebody, not that there is nobody.
func TestAnEmptyNameInTheAddressIsNoPerson(t *testing.T) {
	p := openPage(t)
	_, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient="))
	p.sees(".line", "Live")
}

// Whoever reads mmol/L reads it in sentences and checks too, and a long sentence in pieces; the
// record keeps its own.
func TestSentencesAreInTheReadersUnit(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	meal := w.tell(person, 0, `"type":"meal","carbs_g":65`)
	because := "65 g ÷ 10 g/U = 6.5 U; (199 − 110) ÷ 45 = 1.98 U, less 1.2 U still active = 0.78 U; together 7.28 U; " +
		"lowered to 5.5 U: with 7 U the chance of less than 54 mg/dL is 9.4 % at 240 min (limit 1 %)"
	w.advise("r-1", 0, func(r *predict.Recommendation) {
		lunch(r, meal)
		r.Because = because
		r.Gates = []predict.Gate{{ID: "low", Outcome: "pass", Note: "glucose 143 mg/dL is not below 70"}}
	})
	p.sees(".advice .because p", "U for the carbs")
	p.sees(".advice .because li:nth-child(2)", "(199 − 110) ÷ 45 = 1.98 U")
	p.do(chromedp.Click(`//label[normalize-space()="mmol/L"]`))
	p.sees(".advice .because li:nth-child(2)", "(11.05 − 6.11) ÷ 2.5 = 1.98 U, less 1.2 U still active = 0.78 U")
	p.sees(".advice .because li:nth-child(4)", "less than 3.0 mmol/L is 9.4 %")
	p.sees(".advice .gates", "glucose 7.9 mmol/L is not below 3.9")
	if text := run[string](p, `document.querySelector(".advice").textContent`); strings.Contains(text, "mg/dL") {
		t.Errorf("the card still has mg/dL: %s", text)
	}
	p.noSideways()
}

// The same words about other advice are news, and a reader who doesn't see hears them again.
func TestNewAdviceIsAnnouncedAgain(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	check := func(r *predict.Recommendation) { r.Kind, r.Units = predict.Check, 0 }
	w.advise("r-1", 0, check)
	p.sees("[aria-live=polite]", "New advice: Check. Please check")
	run[bool](p, `(window.said = 0, new MutationObserver(m => { window.said += m.flatMap(r => [...r.addedNodes]).length })
		.observe(document.querySelector("[aria-live=polite]"), {childList: true}), true)`)
	w.advise("r-2", time.Minute, func(r *predict.Recommendation) { check(r); r.Supersedes = "r-1" })
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool]("window.said > 0", chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		t.Errorf("the second advice changed nothing that is read aloud: %v", err)
	}
}

func TestReasonOfAStopEndsOnce(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	w.Stop("The model is under review.")
	p.sees("[data-testid=stopped]", "The model is under review. Dose as you were taught.")
}

// A page that lost its server doesn't blame the sensor.
func TestALostConnectionIsNotTheSensors(t *testing.T) {
	p := openPage(t)
	w, _, url := lively(t)
	p.do(chromedp.Navigate(url + "/#token=" + token + "&patient=" + person))
	p.sees(".line", "Live")
	run[bool](p, `(window.fetch = () => Promise.reject(new TypeError("down")), true)`)
	w.Close()
	p.sees(".line", "Reconnecting")
	p.sees(".status", "lost its connection")
}
