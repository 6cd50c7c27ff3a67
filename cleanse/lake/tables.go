package lake

// The tables' names, which are their folders too.
const (
	Raw             = "raw"
	Glucose         = "glucose"
	Meals           = "meals"
	Insulin         = "insulin"
	Profiles        = "profiles"
	Responses       = "responses"
	Activities      = "activities"
	Notes           = "notes"
	Retractions     = "retractions"
	Quarantine      = "quarantine"
	Recommendations = "recommendations"
	Shadow          = "shadow"
	Moments         = "moments"
)

// tables are all tables of the lake, in the order of the documentation.
type tables struct {
	raw             *table[rawRow]
	glucose         *table[glucoseRow]
	meals           *table[mealRow]
	insulin         *table[insulinRow]
	profiles        *table[profileRow]
	responses       *table[responseRow]
	activities      *table[activityRow]
	notes           *table[noteRow]
	retractions     *table[retractionRow]
	quarantine      *table[quarantineRow]
	recommendations *table[recommendationRow]
	shadow          *table[shadowRow]
	moments         *table[momentRow]
}

func newTables() *tables {
	return &tables{
		raw:             byArrival(Raw, (*rawRow).place, (*rawRow).offset),
		glucose:         byPatient(Glucose, (*glucoseRow).place, (*glucoseRow).offset),
		meals:           byPatient(Meals, (*mealRow).place, (*mealRow).offset),
		insulin:         byPatient(Insulin, (*insulinRow).place, (*insulinRow).offset),
		profiles:        byPatient(Profiles, (*profileRow).place, (*profileRow).offset),
		responses:       byPatient(Responses, (*responseRow).place, (*responseRow).offset),
		activities:      byPatient(Activities, (*activityRow).place, (*activityRow).offset),
		notes:           byPatient(Notes, (*noteRow).place, (*noteRow).offset),
		retractions:     byPatient(Retractions, (*retractionRow).place, (*retractionRow).offset),
		quarantine:      byArrival(Quarantine, (*quarantineRow).place, (*quarantineRow).offset),
		recommendations: byPatient(Recommendations, (*recommendationRow).place, (*recommendationRow).offset),
		shadow:          byPatient(Shadow, (*shadowRow).place, (*shadowRow).offset),
		moments:         byPatient(Moments, (*momentRow).place, (*momentRow).offset),
	}
}

func byPatient[R any](name string, place func(*R) place, offset func(*R) int64) *table[R] {
	return (&table[R]{
		name: name, place: place, offset: offset,
		sorting: []string{"patient", "time"}, bloom: []string{"patient"}, width: 24, page: patientPage, stored: 12,
	}).ready()
}

// byArrival tables hold messages that may not be of any patient.
func byArrival[R any](name string, place func(*R) place, offset func(*R) int64) *table[R] {
	return (&table[R]{
		name: name, place: place, offset: offset, sorting: []string{"kafka_offset"}, width: 512, page: arrivalPage, stored: 40,
	}).ready()
}

func (r *row) place() place      { return place{patient: r.Patient, time: r.Time} }
func (r *row) offset() int64     { return r.Offset }
func (m *message) offset() int64 { return m.Offset }

// place keeps messages of one day in offset order: the broker's clock may step
// back within a day, so the time itself is not sorted by.
func (m *message) place() place { return arrival(m.Received) }

func arrival(received int64) place { return place{time: int64(dayOf(received)) * microsPerDay} }

func (r *recommendationRow) place() place  { return place{patient: r.Patient, time: r.Time} }
func (r *recommendationRow) offset() int64 { return r.Offset }

func (r *shadowRow) place() place  { return place{patient: r.Patient, time: r.Time} }
func (r *shadowRow) offset() int64 { return r.Offset }

func (r *momentRow) place() place  { return place{patient: r.Patient, time: r.Time} }
func (r *momentRow) offset() int64 { return r.Offset }
