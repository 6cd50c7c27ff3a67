package cleanse

// field is a named member of the wire event.
type field uint8

// The fields of the wire event; stranger is any other name, which goes to Extra.
const (
	stranger field = iota
	fieldType
	fieldID
	fieldPatient
	fieldTime
	fieldDevice
	fieldBackfill
	fieldReplaces
	fieldDefect
	fieldValue
	fieldUnit
	fieldSource
	fieldTrend
	fieldCarbs
	fieldKcal
	fieldProtein
	fieldFat
	fieldFibre
	fieldMeal
	fieldSize
	fieldUnits
	fieldKind
	fieldReason
	fieldProduct
	fieldDuration
	fieldBirthYear
	fieldWeight
	fieldDiabetes
	fieldRegimen
	fieldICR
	fieldISF
	fieldTargetLow
	fieldTargetHigh
	fieldBasal
	fieldMaxBolus
	fieldDoseStep
	fieldInsulin
	fieldDIA
	fieldTimezone
	fieldRecommendation
	fieldAction
	fieldMinutes
	fieldIntensity
	fieldCode
	fieldText
	fieldCount
)

// fieldNames are the fields' names on the wire, as ingest.Wire has them.
var fieldNames = [fieldCount]string{
	fieldType: "type", fieldID: "id", fieldPatient: "patient", fieldTime: "time",
	fieldDevice: "device", fieldBackfill: "backfill", fieldDefect: "defect", fieldReplaces: "replaces",
	fieldValue: "value", fieldUnit: "unit", fieldSource: "source", fieldTrend: "trend",
	fieldCarbs: "carbs_g", fieldKcal: "kcal", fieldProtein: "protein_g", fieldFat: "fat_g",
	fieldFibre: "fibre_g", fieldMeal: "meal", fieldSize: "size",
	fieldUnits: "units", fieldKind: "kind", fieldReason: "reason", fieldProduct: "product",
	fieldDuration:  "duration_min",
	fieldBirthYear: "birth_year", fieldWeight: "weight_kg", fieldDiabetes: "diabetes",
	fieldRegimen: "regimen", fieldICR: "icr_g_per_u", fieldISF: "isf_mgdl_per_u",
	fieldTargetLow: "target_low_mgdl", fieldTargetHigh: "target_high_mgdl",
	fieldBasal: "basal_u_per_day", fieldMaxBolus: "max_bolus_u", fieldDoseStep: "dose_step_u",
	fieldInsulin: "insulin", fieldDIA: "dia_min", fieldTimezone: "timezone",
	fieldRecommendation: "recommendation", fieldAction: "action",
	fieldMinutes: "minutes", fieldIntensity: "intensity",
	fieldCode: "code", fieldText: "text",
}

// String is the field's name on the wire.
func (f field) String() string { return fieldNames[f] }

// longestName is the length of the longest name in fieldNames.
const longestName = len("target_high_mgdl")

// fieldsByLength finds a field by the length of its name, then by comparing: a
// third of the time that a map takes.
var fieldsByLength = func() (by [longestName + 1][]field) {
	for f := stranger + 1; f < fieldCount; f++ {
		by[len(f.String())] = append(by[len(f.String())], f)
	}
	return by
}()

// fieldOf is the field called name.
func fieldOf(name []byte) field {
	if len(name) > longestName {
		return stranger
	}
	for _, f := range fieldsByLength[len(name)] {
		if n := fieldNames[f]; n[0] == name[0] && n == string(name) {
			return f
		}
	}
	return stranger
}
