package lake

import (
	"encoding/json"
	"fmt"

	"github.com/titrate/titrate/cleanse"
)

// step is one step of a schedule as the wire and the lake write it.
type step struct {
	Start string  `json:"start"` // hh:mm, local
	Value float64 `json:"value"`
}

// encodeSchedule gives a constant as a number and anything else as JSON text.
func encodeSchedule(s cleanse.Schedule) (constant *float64, text *string) {
	if len(s) == 0 {
		return nil, nil
	}
	if len(s) == 1 && s[0].Start == 0 {
		return &s[0].Value, nil
	}
	steps := make([]step, len(s))
	for i, v := range s {
		steps[i] = step{Start: fmt.Sprintf("%02d:%02d", v.Start/60, v.Start%60), Value: v.Value}
	}
	b, err := json.Marshal(steps)
	if err != nil {
		panic(fmt.Sprintf("a schedule that was checked holds %v: %v", s, err))
	}
	written := string(b)
	return nil, &written
}

func decodeSchedule(constant *float64, text string) (cleanse.Schedule, error) {
	if constant != nil {
		return cleanse.Schedule{{Value: *constant}}, nil
	}
	if text == "" {
		return nil, nil
	}
	var steps []step
	if err := json.Unmarshal([]byte(text), &steps); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	s := make(cleanse.Schedule, len(steps))
	for i, v := range steps {
		var hour, minute int
		if _, err := fmt.Sscanf(v.Start, "%d:%d", &hour, &minute); err != nil {
			return nil, fmt.Errorf("schedule %q: start %q: %w", text, v.Start, err)
		}
		s[i] = cleanse.Step{Start: hour*60 + minute, Value: v.Value}
	}
	return s, nil
}
