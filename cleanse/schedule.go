package cleanse

import (
	"fmt"
	"math"
)

// schedule is a setting given as a number or as steps through the day:
// [{"start":"06:00","value":9}, …].
func (x *exam) schedule(f field, l limit) Schedule {
	switch t := x.fields[f]; t.form {
	case absent:
		return nil
	case number:
		v := x.number(f, l)
		if !v.OK {
			return nil
		}
		x.plain = append(x.plain, Step{Value: v.V})
		n := len(x.plain)
		return Schedule(x.plain[n-1 : n : n])
	case array:
		return x.steps(f, l)
	}
	x.mistyped(f, "a number or a schedule")
	return nil
}

// steps reads a schedule's steps; nil unless each is right.
func (x *exam) steps(f field, l limit) Schedule {
	var s Schedule
	faults := len(x.reasons)
	p := parser{text: x.of(x.fields[f])}
	w := walk{p: &p, depth: 1, close: ']'}
	for w.next() {
		step, ok := x.step(f, &p, w.value, l)
		if !ok {
			continue
		}
		if len(s) > 0 && step.Start <= s[len(s)-1].Start {
			x.invalid(f, clock(step.Start)+" doesn't come after "+clock(s[len(s)-1].Start))
		}
		s = append(s, step)
	}
	if len(s) == 0 && len(x.reasons) == faults {
		x.invalid(f, "the schedule has no steps")
	}
	if len(x.reasons) > faults {
		return nil
	}
	return s
}

// step reads one step.
func (x *exam) step(f field, p *parser, t token, l limit) (Step, bool) {
	start, value, ok := members(p, t)
	if !ok {
		x.invalid(f, clip(string(p.of(t)))+" isn't a step such as {\"start\":\"06:00\",\"value\":9}")
		return Step{}, false
	}
	minute, ok := parseClock(p.of(start))
	if !ok {
		x.invalid(f, clip(string(p.of(start)))+" isn't a time of day such as 06:00")
		return Step{}, false
	}
	v := float(p.of(value))
	if math.IsInf(v, 0) {
		x.fault(f.String(), numberNotFinite, clip(string(p.of(value)))+" is too large for a 64-bit number")
		return Step{}, false
	}
	if !l.holds(v) {
		x.fault(f.String(), l.rule, decimal(v)+" at "+clock(minute)+" isn't "+l.String())
		return Step{}, false
	}
	return Step{minute, v}, true
}

// members finds a step's start and value, each of which must stand there once.
func members(p *parser, t token) (start, value token, ok bool) {
	if t.form != object {
		return start, value, false
	}
	inner := parser{text: p.text, at: int(t.from)}
	w := walk{p: &inner, depth: 1, close: '}'}
	for w.next() {
		switch inner.unquote(w.key) {
		case "start":
			if start.form != absent {
				return start, value, false
			}
			start = w.value
		case "value":
			if value.form != absent {
				return start, value, false
			}
			value = w.value
		}
	}
	return start, value, start.form == plainText && value.form == number
}

func (x *exam) invalid(f field, note string) {
	x.fault(f.String(), scheduleInvalid, note)
}

// parseClock reads hh:mm as minutes after midnight.
func parseClock(text []byte) (minute int, ok bool) {
	if len(text) != len("06:00") || text[2] != ':' {
		return 0, false
	}
	hours, ok1 := pair(text, 0)
	minutes, ok2 := pair(text, 3)
	return hours*60 + minutes, ok1 && ok2 && hours < 24 && minutes < 60
}

// clock writes minutes after midnight as hh:mm.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
