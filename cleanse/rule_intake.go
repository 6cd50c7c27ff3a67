package cleanse

const (
	carbsMissing  = "carbs_missing"
	carbsRange    = "carbs_range"
	macroRange    = "macro_range"
	kcalRange     = "kcal_range"
	sizeUnknown   = "size_unknown"
	unitsMissing  = "units_missing"
	unitsRange    = "units_range"
	kindMissing   = "kind_missing"
	kindUnknown   = "kind_unknown"
	durationRange = "duration_range"
)

// eatingRules are of meals and insulin.
var eatingRules = []Rule{
	against("H12", quarantineSlip(carbsMissing, "meal: carbs_g", "is given, unless size is", "hazard: calculating with missing values")),
	against("H12", ranged(carbsLimit, "meal, response: carbs_g", "Tidepool storage ranges")),
	ranged(macroLimit, "meal: protein_g, fat_g, fibre_g", "Tidepool storage ranges"),
	ranged(kcalLimit, "meal: kcal", "Tidepool storage ranges"),
	worded(sizes, "meal: size", "the wire event"),
	against("H8", quarantineSlip(unitsMissing, "insulin: units", "is given", "hazard: missing dose history")),
	against("H9", ranged(unitsLimit, "insulin, response: units", "Tidepool storage ranges")),
	needed(kindMissing, "insulin: kind"),
	worded(actions, "insulin: kind", "the wire event"),
	ranged(durationLimit, "insulin: duration_min", "Tidepool storage ranges (basal, 7 days)"),
}
