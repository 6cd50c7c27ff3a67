package cleanse

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// story is a person's events as words: "minute kind value", told by lines. Each is
// logged 10 seconds after it happened, unless "@minute" says when.
//
//	0 cgm 120 [device]   0 bolus 4   0 long 18   0 carbs 45   0 code calibration   0 zone Europe/Berlin
type story string

// midday begins stories: nobody is asleep in UTC.
var midday = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func (s story) records(t testing.TB, begin time.Time) (all []ingest.Record) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(string(s)), "\n") {
		words := strings.Fields(line)
		minutes := number0(t, words[0])
		at := begin.Add(time.Duration(minutes * float64(time.Minute)))
		seen := at.Add(10 * time.Second)
		if last := words[len(words)-1]; last[0] == '@' {
			seen = begin.Add(time.Duration(number0(t, last[1:]) * float64(time.Minute)))
			words = words[:len(words)-1]
		}
		device := "g7"
		if len(words) > 3 {
			device = words[3]
		}
		body := map[string]string{
			"cgm":   `"type":"glucose","value":%s,"unit":"mg/dL","source":"cgm","device":"` + device + `"`,
			"bolus": `"type":"insulin","units":%s,"kind":"rapid"`,
			"long":  `"type":"insulin","units":%s,"kind":"long"`,
			"carbs": `"type":"meal","carbs_g":%s`,
			"code":  `"type":"note","code":"%s"`,
			"zone":  `"type":"profile","timezone":"%s"`,
		}[words[1]]
		payload := fmt.Sprintf(`{"patient":"p-1","time":%q,"id":"e%d",`+body+`}`, at.Format(time.RFC3339Nano), i, words[2])
		all = append(all, ingest.Record{Offset: int64(i), Seen: seen, Value: []byte(payload)})
	}
	return all
}

func number0(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lastFlags are the flags of the story's last event.
func (s story) lastFlags(t testing.TB, begin time.Time) string {
	t.Helper()
	c := New()
	var v Verdict
	for _, rec := range s.records(t, begin) {
		if v = c.Clean(rec); v.Outcome == Quarantined || v.Outcome == Duplicate {
			t.Fatalf("%s: outcome %s %v", rec.Value, v.Outcome.Word(), v.Reasons)
		}
	}
	return string(v.Event.Flags)
}

// sequences hold, for each rule over a person's events, a story whose last event
// is fine, and one change of it by which the last event breaks that rule alone.
var sequences = []struct {
	rule, valid, old, new string
	night                 bool
}{
	{doubledReading, "0 cgm 120\n5 cgm 124", "5 cgm 124", "0.3 cgm 121", false},
	{doubledReading, "0 cgm 120\n0.2 cgm 121 libre\n5 cgm 124", "5 cgm 124", "5 cgm 124\n5.1 cgm 125", false},
	{rateOfChange, "0 cgm 120\n5 cgm 150", "150", "151", false},
	{rateOfChange, "0 cgm 120\n5 cgm 118\n8 cgm 100", "100", "99", false},
	{rateOfChange, "0 cgm 120\n1 cgm 126\n2 cgm 132\n3 cgm 138", "138", "139", false},
	{jumpAfterGap, "0 cgm 120\n30 cgm 210", "210", "211", false},
	{flatLine, flatStory(8) + "\n45 cgm 123", "123", "122", false},
	{sensorNoise, noisyStory + "\n40 cgm 130", "130", "120", false},
	{sensorWarmUp, "-800 code sensor-start\n0 cgm 120", "-800 code", "-119.9 code", false},
	{sensorFirstDay, "-800 code sensor-start\n0 cgm 120", "-800", "-700", false},
	{sensorFirstDay, "0 cgm 120 g7-a\n20 cgm 122 g7-a", "122 g7-a", "122 g7-b", false},
	{calibrationWindow, "0 code calibration\n16 cgm 120", "16", "15", false},
	{compressionLow, "0 cgm 120\n5 cgm 108\n10 cgm 97", "97", "96", true},
	{clockSkew, "0 cgm 120 @10.5\n5 cgm 122 @15", "@15", "@15.1", false},
	{longActingTwice, "0 long 18\n1080 long 18", "1080", "1079", false},
	{repeatedBolus, "0 bolus 4\n3 bolus 4", "\n3", "\n2.9", false},
	{repeatedMeal, "0 carbs 45\n14 carbs 46", "46", "45", false},
	{dailyInsulin, "0 bolus 90\n60 bolus 60\n120 bolus 50", "50", "50.5", false},
	{dailyCarbs, "0 carbs 400\n60 carbs 401\n120 carbs 199", "199", "200", false},
}

func flatStory(steps int) string {
	var lines []string
	for i := range steps + 1 {
		lines = append(lines, fmt.Sprintf("%d cgm %d", 5*i, 120+i%3))
	}
	return strings.Join(lines, "\n")
}

const noisyStory = "0 cgm 120\n5 cgm 136\n10 cgm 120\n15 cgm 136\n20 cgm 120\n25 cgm 136\n30 cgm 120\n35 cgm 136"

// midnight begins stories of the night.
var midnight = time.Date(2026, 11, 21, 23, 59, 0, 0, time.UTC)

func testSequence(t *testing.T) {
	rule := t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]
	cases := 0
	for _, s := range sequences {
		if s.rule != rule {
			continue
		}
		cases++
		begin := midday
		if s.night {
			begin = midnight
		}
		if got := story(s.valid).lastFlags(t, begin); got != "" {
			t.Errorf("%q: flags %q, want none", s.valid, got)
		}
		if strings.Count(s.valid, s.old) != 1 {
			t.Fatalf("%q stands %d times in %q", s.old, strings.Count(s.valid, s.old), s.valid)
		}
		broken := strings.Replace(s.valid, s.old, s.new, 1)
		if got := story(broken).lastFlags(t, begin); got != rule {
			t.Errorf("%q: flags %q, want %s alone", broken, got, rule)
		}
	}
	if cases == 0 {
		t.Errorf("no story breaks %s", rule)
	}
}
