package device

// unquantified says that the source has an entry without an amount.
const unquantified = "unquantified"

// libreRapid is a dose of rapid-acting insulin. The reader's calculator writes what
// the dose is made of: for the meal, for the correction, changed by the user; where
// the dose itself isn't there, it is their sum.
func libreRapid(r row) func(*draft) {
	dose, word := r.of("rapid acting insulin units"), r.of("non numeric rapid acting insulin")
	parts := []string{r.of("meal insulin units"), r.of("correction insulin units"), r.of("user change insulin units")}
	if dose == "" && parts[0]+parts[1]+parts[2] == "" {
		return libreWord(word, "rapid-insulin")
	}
	return func(d *draft) {
		d.wire.Type, d.wire.Kind = "insulin", "rapid"
		d.composed(parts)
		if dose != "" {
			d.wire.Units = nil
			d.amount("units", dose, &d.wire.Units)
		}
	}
}

// composed is a dose from the parts of the calculator, and the reason that they
// give.
func (d *draft) composed(parts []string) {
	for i, name := range []string{"meal_u", "correction_u", "change_u"} {
		var v *float64
		d.amount(name, parts[i], &v)
		if v == nil {
			continue
		}
		d.keep(name, *v)
		sum := *v
		if d.wire.Units != nil {
			sum += *d.wire.Units
		}
		sum = micro(sum)
		d.wire.Units = &sum
		if *v > 0 && i < 2 && d.wire.Reason == "" {
			d.wire.Reason = []string{"meal", "correction"}[i]
		}
	}
}

func libreLong(r row) func(*draft) {
	dose := r.of("long acting insulin units")
	if dose == "" {
		return libreWord(r.of("non numeric long acting insulin"), "long-insulin")
	}
	return func(d *draft) {
		d.wire.Type, d.wire.Kind, d.wire.Reason = "insulin", "long", "basal"
		d.amount("units", dose, &d.wire.Units)
	}
}

// libreWord is a note of insulin that was taken without saying how much: the wire's
// insulin needs units.
func libreWord(word, code string) func(*draft) {
	if word == "" {
		return nil
	}
	return func(d *draft) {
		d.wire.Code = code + "-" + unquantified
		d.keep("entry", word)
	}
}

// libreFood is a meal: in grams, in servings of so many grams, or, without an
// amount, of the usual size.
func libreFood(r row) func(*draft) {
	grams, servings, each := r.of("carbohydrates grams"), r.of("carbohydrates servings"), r.of("grams of carbs per serving")
	word := r.of("non numeric food")
	if grams+servings+word == "" {
		return nil
	}
	return func(d *draft) {
		d.wire.Type = "meal"
		switch {
		case grams != "":
			d.amount("carbs_g", grams, &d.wire.CarbsG)
		case servings != "":
			d.servings(servings, each)
		default:
			d.wire.Size = "usual"
			d.keep("entry", word)
		}
	}
}

// servings are grams only if the file says how many one has.
func (d *draft) servings(count, each string) {
	var n, g *float64
	d.amount("servings", count, &n)
	d.amount("g_per_serving", each, &g)
	if n != nil {
		d.keep("servings", *n)
	}
	switch {
	case n != nil && g != nil:
		carbs := micro(*n * *g)
		d.wire.CarbsG = &carbs
	case n != nil:
		d.fault("%s servings, but the file doesn't say how many grams one has", count)
	}
}

func libreNote(r row) func(*draft) {
	text := r.of("notes")
	if text == "" {
		return nil
	}
	return func(d *draft) { d.wire.Code, d.wire.Text = "libre-note", text }
}
