package simulate

import "time"

// Truth tells what really happened where the stream says otherwise: one record for
// each event that a fault touched, and one for each that it swallowed.
type Truth struct {
	Patient  string    `json:"patient"`
	Fault    string    `json:"fault"`        // a name from Faults, or unannounced: a meal that nobody logged
	ID       string    `json:"id,omitempty"` // of the wire event; empty where none was sent
	At       time.Time `json:"at"`           // when it really happened
	Told     time.Time `json:"told"`         // the time on the wire; zero where none was sent
	Sent     time.Time `json:"sent"`         // when it was transmitted; zero where it wasn't
	Reported float64   `json:"reported"`     // mg/dL on the wire, 0 where none
	Real     float64   `json:"real"`         // mg/dL in plasma, or g of an unannounced meal
}
