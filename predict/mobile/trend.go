package mobile

import "time"

// A trend is told from readings that span at least trendMin and go back at most
// trendMax; with a gap in between, an arrow would be a guess.
const (
	trendMin = 9 * time.Minute
	trendMax = 16 * time.Minute
)

// trend is the arrow at the newest of readings (oldest first): what the sensor
// said, or else the mean slope of the last quarter of an hour. It is empty where
// neither is known. The limits, in mg/dL/min, are those of sensor makers' arrows.
func trend(readings []Reading) string {
	newest := readings[len(readings)-1]
	if newest.Trend != "" {
		return newest.Trend
	}
	for _, r := range readings {
		span := newest.Time.Sub(r.Time)
		if span > trendMax {
			continue
		}
		if span < trendMin {
			return ""
		}
		return arrow(float64(newest.MgdL-r.MgdL) / span.Minutes())
	}
	return ""
}

func arrow(rate float64) string {
	switch {
	case rate > 3:
		return "doubleUp"
	case rate > 2:
		return "singleUp"
	case rate > 1:
		return "fortyFiveUp"
	case rate >= -1:
		return "flat"
	case rate >= -2:
		return "fortyFiveDown"
	case rate >= -3:
		return "singleDown"
	}
	return "doubleDown"
}
