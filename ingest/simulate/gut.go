package simulate

import "math"

// fastShare is the time-to-peak of glucose tablets and juice as a share of a mixed
// meal's TmaxG: about 15–20 min against 40 min. Hovorka's TmaxG was found with
// mixed meals.
const fastShare = 0.4

// digest moves carbohydrate through the gut and returns what appears in plasma,
// mmol/min. Two compartments in a row with time-to-peak TmaxG (Hovorka 2004). The
// mixed chain's outflow has the ceiling UGCeil (Wilinska 2010): large meals take
// longer, they don't come faster. Each flow is at most the compartment's content
// over TmaxG, so compartments stay non-negative.
func (b *Body) digest(x *vector, in *Input, d *vector) float64 {
	p := &b.params
	k := 1 / (p.TmaxG * in.Digestion)
	kf := 1 / (p.TmaxG * fastShare)
	mixed := math.Min(k*x[gut2], p.UGCeil*p.WeightKg)
	quick := kf * x[fast2]
	d[gut1] = -k * x[gut1]
	d[gut2] = k*x[gut1] - mixed
	d[fast1] = -kf * x[fast1]
	d[fast2] = kf*x[fast1] - quick
	d[absorbed] = mixed + quick
	return mixed + quick
}

// CarbsOnBoard is the bioavailable carbohydrate still in the gut, in grams.
func (b *Body) CarbsOnBoard() float64 {
	return (b.x[gut1] + b.x[gut2] + b.x[fast1] + b.x[fast2]) / mmolPerGram
}
