package lake

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// opinions takes what champion and challenger would each have said: as advice does,
// by its JSON alone.
type opinions struct{}

// opined is a message of the topic.
type opined struct {
	Patient string    `json:"patient"`
	Time    time.Time `json:"time"`
	Event   struct {
		Partition int32 `json:"partition"`
		Offset    int64 `json:"offset"`
	} `json:"event"`
	Champion   opinion `json:"champion"`
	Challenger opinion `json:"challenger"`
	Differs    bool    `json:"differs"`
}

type opinion struct {
	Model  string  `json:"model"`
	Silent bool    `json:"silent"`
	Kind   string  `json:"kind"`
	Units  float64 `json:"units"`
	CarbsG float64 `json:"carbs_g"`
}

func (opinions) check(rec *ingest.Record, v *cleanse.Verdict) {
	_, reasons := parseOpined(rec.Value)
	*v = verdictOn(reasons)
}

func (opinions) fold(*ingest.Record, *cleanse.Verdict) {}

func (opinions) row(s *shelves, rec *ingest.Record, _ *cleanse.Verdict) {
	o, _ := parseOpined(rec.Value) // checked already
	a, b := &o.Champion, &o.Challenger
	s.shadow.add(shadowRow{
		Patient: o.Patient, Time: o.Time.UnixMicro(), Received: rec.Seen.UnixMicro(), Differs: o.Differs,
		Champion: present(&a.Model), ChampionSilent: a.Silent, ChampionKind: present(&a.Kind), ChampionUnits: a.Units, ChampionCarbsG: a.CarbsG,
		Challenger: present(&b.Model), ChallengerSilent: b.Silent, ChallengerKind: present(&b.Kind), ChallengerUnits: b.Units, ChallengerCarbsG: b.CarbsG,
		EventPartition: o.Event.Partition, EventOffset: o.Event.Offset, Partition: rec.Partition, Offset: rec.Offset,
	})
}

func parseOpined(value []byte) (o opined, reasons []cleanse.Reason) {
	if reasons = parseOwn(value, &o); len(reasons) > 0 {
		return o, reasons
	}
	return o, missing(o.Time, map[string]string{"patient": o.Patient})
}
