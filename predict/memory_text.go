package predict

import (
	"strconv"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// text is m as json.Marshal writes it, byte for byte, in less than half the time: a
// backlog writes a memory for one event in seven. TestMemoryIsWrittenAsJSON sets every
// field there is, so that none is forgotten here.
func (m *memory) text(t jsonText) jsonText {
	t = t.put(`{"v":`).whole(int64(m.Version)).key("next").whole(m.Next)
	if m.Settings != nil {
		t = m.Settings.text(t.key("settings"))
	}
	t = t.textIf("zone", m.Zone).textIf("former_zone", m.Former)
	t = m.Facts.text(t.key("facts"))
	t = m.Advice.text(t.key("advice"))
	t = m.Habits.text(t.key("habits"))
	t = t.timeIf("long_at", m.LongAt).numberIf("long_units", float64(m.LongUnits))
	t = listIf(t, "insulin", m.Insulin, (*hours).text)
	return listIf(t, "glucose", m.Glucose, levelText).put("}")
}

func (s *profile) text(t jsonText) jsonText {
	t = t.put(`{"BirthYear":`).whole(int64(s.BirthYear))
	t = t.key("WeightKg").number(s.WeightKg).key("Diabetes").text(s.Diabetes).key("Regimen").text(s.Regimen)
	t = list(t.key("ICR"), s.ICR, stepText)
	t = list(t.key("ISF"), s.ISF, stepText)
	t = list(t.key("TargetLow"), s.TargetLow, stepText)
	t = list(t.key("TargetHigh"), s.TargetHigh, stepText)
	t = list(t.key("BasalPerDay"), s.BasalPerDay, stepText)
	t = t.key("MaxBolus").number(float64(s.MaxBolus)).key("DoseStep").number(float64(s.DoseStep))
	return t.key("Insulin").text(s.Insulin).key("DIA").whole(int64(s.DIA)).key("Zone").text(s.Zone).put("}")
}

func stepText(s *cleanse.Step, t jsonText) jsonText {
	return t.put(`{"Start":`).whole(int64(s.Start)).key("Value").number(s.Value).put("}")
}

func (f *facts) text(t jsonText) jsonText {
	t = t.put("{").stampIf("ProfileAt", f.ProfileAt).textIf("ProfileID", f.ProfileID).stampIf("SettingsAt", f.SettingsAt)
	t = t.anyIf(f.ZoneChanged != nil, "ZoneChanged", f.ZoneChanged)
	t = f.Long.textIf("Long", t)
	if b := f.LongBefore; b != nil {
		t = b.LongPrev.textIf("LongPrev", t)
		t = b.LongOld.textIf("LongOld", t)
		t = t.stampIf("LongGap", b.LongGap)
	}
	t = t.anyIf(f.Exercise != nil, "Exercise", f.Exercise)
	t = t.stampIf("SensorStart", f.SensorStart).stampIf("Calibration", f.Calibration)
	t = t.stampIf("LastCorrection", f.LastCorrection).stampIf("Rescued", f.Rescued)
	if len(f.Portions) > 0 {
		t = t.key("Portions").any(f.Portions)
	}
	if f.Mornings.Done != nil || f.Mornings.Current != nil {
		t = t.key("Mornings").any(f.Mornings)
	}
	t = t.stampIf("BasalAsked", f.BasalAsked).numberIf("BasalAdvised", float64(f.BasalAdvised))
	return t.numberIf("BasalClinic", f.BasalClinic).put("}")
}

func (i *injected) textIf(name string, t jsonText) jsonText {
	if *i == (injected{}) {
		return t
	}
	t = t.key(name).put(`{"At":`).time(i.At.time()).key("Units").number(float64(i.Units))
	return t.wholeIf("ID", int64(i.ID)).put("}")
}

func (a *advice) text(t jsonText) jsonText {
	t = listIf(t.put("{"), "Open", a.Open, (*promise).text)
	if len(a.Told) > 0 {
		t = a.Told.text(t.key("Told"))
	}
	if a.Last != nil {
		t = a.Last.text(t.key("Last"))
	}
	if a.Held != nil {
		t = a.Held.text(t.key("Held"))
	}
	return t.stampIf("Declined", a.Declined).stampIf("Acted", a.Acted).put("}")
}

func (p *promise) text(t jsonText) jsonText {
	t = t.put(`{"ID":`).text(p.ID).key("At").time(p.At).key("Until").time(p.Until)
	t = t.key("Kind").text(string(p.Kind)).key("Units").number(float64(p.Units)).key("MgdL").number(float64(p.MgdL))
	if p.Meal != (heldMeal{}) {
		t = p.Meal.text(t.key("Meal"))
	}
	t = t.numberIf("Rest", float64(p.Rest))
	if p.Second {
		t = t.key("Second").put("true")
	}
	if p.Heard {
		t = t.key("Heard").put("true")
	}
	return t.wholeIf("Question", int64(p.Question)).stampIf("Asked", p.Asked).put("}")
}

func (m *heldMeal) text(t jsonText) jsonText { return m.members(t.put("{")).put("}") }

func (m *heldMeal) members(t jsonText) jsonText {
	return t.timeIf("At", m.At).numberIf("Carbs", float64(m.Carbs)).textIf("ID", m.ID).
		numberIf("Rest", float64(m.Rest)).stampIf("Dosed", m.Dosed)
}

func (m *heldMeals) text(t jsonText) jsonText {
	t = m.members(t.put("{"))
	if m.Before != nil {
		t = m.Before.text(t.key("Before"))
	}
	return t.put("}")
}

// text is an array with a place for each topic.
func (t told) text(out jsonText) jsonText {
	out = out.put("[")
	for about := range topics {
		last := t.of(about)
		out = out.next().put("{").timeIf("At", last.At).numberIf("Level", last.Level).wholeIf("Times", int64(last.Times)).put("}")
	}
	return out.put("]")
}

func (h *habits) text(t jsonText) jsonText {
	t = t.put(`{"Last":`).whole(int64(h.Last)).key("Away").whole(int64(h.Away)).key("Meal").whole(int64(h.Meal))
	t = h.Today.text(t.key("Today"))
	t = list(t.key("Days"), h.Days, (*dayShare).text)
	t = t.key("Zone").text(h.Zone).key("From").time(h.From.time())
	if len(h.Told) > 0 {
		t = t.key("Told").any(h.Told)
	}
	return t.put("}")
}

func (d *dayShare) text(t jsonText) jsonText {
	t = t.put(`{"Day":`).whole(int64(d.Day)).key("N").whole(int64(d.N))
	return t.key("In").whole(int64(d.In)).key("Low").whole(int64(d.Low)).put("}")
}

func (h *hours) text(t jsonText) jsonText {
	return t.put(`{"h":`).whole(h.Hour).key("u").whole(int64(h.Amount)).put("}")
}

func levelText(l *feature.Level, t jsonText) jsonText {
	t = t.put(`{"p":`).whole(l.Period).key("n").whole(int64(l.N)).key("s").whole(int64(l.Sum)).key("q")
	return jsonText(strconv.AppendUint(t, l.Squares, 10)).put("}")
}
