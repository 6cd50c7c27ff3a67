package mobile

import (
	"net/http"
	"testing"
	"time"
)

// TestWhatIsReplacedLeavesThePage: the phone must not show a meal that was deleted,
// nor both versions of one that was corrected.
func TestWhatIsReplacedLeavesThePage(t *testing.T) {
	w := newWard(t)
	w.tell(person, -3*time.Minute, `"type":"glucose","id":"g-1","value":143,"unit":"mg/dL","source":"cgm"`)
	w.tell(person, -2*time.Minute, `"type":"meal","id":"m-1","carbs_g":45`)
	w.tell(person, -1*time.Minute, `"type":"insulin","id":"i-1","units":4,"kind":"rapid","reason":"meal"`)
	c, _ := w.chart(person)
	stream, _ := c.join("", Latency{})
	defer c.part(stream)
	w.tell(person, -2*time.Minute, `"type":"meal","id":"m-2","replaces":"m-1","carbs_g":30`)
	w.tell(person, 0, `"type":"retraction","id":"r-1","replaces":"i-1"`)
	w.tell(person, 0, `"type":"retraction","id":"r-2","replaces":"never seen"`)

	var h History
	if status := w.ask("GET", "/v1/patients/"+person+"/glucose", "", &h); status != http.StatusOK {
		t.Fatal(status)
	}
	if len(h.Glucose) != 1 || len(h.Meals) != 1 || h.Meals[0].CarbsG != 30 || len(h.Insulin) != 0 {
		t.Errorf("the page shows %+v", h)
	}
	snapshots := 0
	for len(stream.queue) > 0 {
		if m := <-stream.queue; m.event == "hello" {
			snapshots++
		}
	}
	if snapshots != 2 {
		t.Errorf("an open page was told %d times to draw itself anew, want 2", snapshots)
	}
}
