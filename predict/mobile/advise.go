package mobile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"

	"github.com/titrate/titrate/cleanse"
)

// maxCarbs is the most grams that may be asked about at once: more is a slip of
// the finger more often than a meal.
const maxCarbs cleanse.Grams = 250

// question is the body of POST …/advice.
type question struct {
	CarbsG *cleanse.Grams `json:"carbs_g"`
}

// advise answers what would be advised now if so much were eaten. Nothing is
// recorded: neither here nor in the log.
func (s *Server) advise(v visit) {
	c, ok := s.patient(v)
	if !ok {
		return
	}
	carbs, err := ask(http.MaxBytesReader(v.w, v.r.Body, 4<<10))
	if err != nil {
		refuse(v.w, http.StatusBadRequest, err.Error()+`; send for example {"carbs_g":45}`)
		return
	}
	c.mu.Lock()
	advice := c.person.Advise(c.now(), carbs)
	c.mu.Unlock()
	answer(v.w, http.StatusOK, advice)
}

// misfit says what doesn't fit, without the names of our types.
func misfit(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf(" (%s is of type %s)", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return fmt.Sprintf(" (%s)", strings.TrimPrefix(err.Error(), "json: "))
}

// ask reads the question. Its errors are for the person who sent it.
func ask(body io.Reader) (cleanse.Grams, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return 0, errors.New("the body is longer than 4 KB or was cut off")
	}
	var q question
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return 0, fmt.Errorf("the body is not a JSON object with the number carbs_g%s", misfit(err))
	}
	if d.More() {
		return 0, errors.New("the body holds more than one JSON value")
	}
	switch {
	case q.CarbsG == nil:
		return 0, errors.New("carbs_g is missing")
	case *q.CarbsG <= 0 || math.IsInf(float64(*q.CarbsG), 0):
		return 0, fmt.Errorf("carbs_g is %v, but must be more than 0 g", *q.CarbsG)
	case *q.CarbsG > maxCarbs:
		return 0, fmt.Errorf("carbs_g is %v, more than %v g at once", *q.CarbsG, maxCarbs)
	}
	return *q.CarbsG, nil
}
