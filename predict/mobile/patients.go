package mobile

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Summary is one person in the list: enough to tell who needs attention.
type Summary struct {
	ID     string   `json:"id"`
	Last   *Reading `json:"last"`   // nil before the first reading
	Advice *Advice  `json:"advice"` // what holds now, or nil
	Alert  *Alert   `json:"alert"`
	// Stopped is why nothing may be advised to anybody; empty: it may.
	Stopped string    `json:"stopped,omitempty"`
	Now     time.Time `json:"now"`      // the patient's clock
	Zone    string    `json:"timezone"` // IANA name, for showing times
	Label
}

func (c *chart) summary() Summary {
	s := Summary{ID: c.patient, Advice: c.current(), Alert: c.alert, Stopped: c.stopped, Now: c.now(), Zone: c.zone, Label: c.label()}
	if n := len(c.glucose); n > 0 {
		last := c.glucose[n-1]
		s.Last = &last
	}
	if s.Advice != nil {
		s.Advice.Forecast = nil // the list doesn't draw it
	}
	return s
}

// listPatients answers with everybody that this token may see, by id.
func (s *Server) listPatients(v visit) {
	list := []Summary{}
	for _, c := range s.everybody() {
		if !v.sees(c.patient) {
			continue
		}
		c.mu.Lock()
		list = append(list, c.summary())
		c.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b Summary) int { return strings.Compare(a.ID, b.ID) })
	answer(v.w, http.StatusOK, map[string]any{"patients": list})
}

func (s *Server) everybody() []*chart {
	s.mu.RLock()
	defer s.mu.RUnlock()
	charts := make([]*chart, 0, len(s.charts))
	for _, c := range s.charts {
		charts = append(charts, c)
	}
	return charts
}

// listGlucose answers with the readings, meals and insulin of the last day.
func (s *Server) listGlucose(v visit) {
	c, ok := s.patient(v)
	if !ok {
		return
	}
	from, ok := sinceParam(v)
	if !ok {
		return
	}
	c.mu.Lock()
	h := c.past(from)
	c.mu.Unlock()
	answer(v.w, http.StatusOK, h)
}

// History is what was measured, eaten and injected, oldest first.
type History struct {
	Patient string    `json:"patient"`
	Glucose []Reading `json:"glucose"`
	Meals   []Meal    `json:"meals"`
	Insulin []Dose    `json:"insulin"`
}

func (c *chart) past(from time.Time) History {
	return History{c.patient, since(c.glucose, from), since(c.meals, from), since(c.insulin, from)}
}

// listRecommendations answers with the advice of the log, oldest first.
func (s *Server) listRecommendations(v visit) {
	c, ok := s.patient(v)
	if !ok {
		return
	}
	from, ok := sinceParam(v)
	if !ok {
		return
	}
	c.mu.Lock()
	list := c.history(from)
	c.mu.Unlock()
	answer(v.w, http.StatusOK, map[string]any{"patient": c.patient, "recommendations": list})
}
