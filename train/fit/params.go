package fit

import (
	"math"
	"math/rand/v2"

	g "gorgonia.org/gorgonia"

	"github.com/titrate/titrate/train"
)

// params are the numbers that descent moves. They are train.Weights, cut so that
// no slice of a matrix has to be differentiated.
type params struct {
	start train.Weights // with the statistics, which don't move

	w1, b1, w2, b2              field
	drift, driftBias, skip      field
	insulin, insulinShape       field // [hidden×1], [1×horizons] with the bias in it
	carbs, carbsShape           field
	boardInsulin, boardCarbs    field // [1×horizons] log-odds between BoardLeast and 1
	laterInsulin, laterCarbs    field // [1×horizons] log-odds
	widths, widthsBias          field // [hidden×widths·horizons]; the bias includes train.SoftplusUnit
	insulinDoubt, carbsDoubt    field // [1×widths·horizons]
	spread4, spread5            field // constants: copy each horizon per width, per level
	normalToLevel, doubtToLevel field // constants: sums of widths per level
	acrossHorizons              field // constant: [1×horizons] of ones
}

func newParams(e *g.ExprGraph, start train.Weights, r *rand.Rand) params {
	p := params{
		start: start,
		w1:    newField(e, "w1", inputs, hidden), b1: newField(e, "b1", 1, hidden),
		w2: newField(e, "w2", hidden, hidden), b2: newField(e, "b2", 1, hidden),
		drift: newField(e, "w_drift", hidden, horizons), driftBias: newField(e, "b_drift", 1, horizons),
		skip:    newField(e, "skip", inputs, horizons),
		insulin: newField(e, "w_insulin", hidden, 1), insulinShape: newField(e, "b_insulin", 1, horizons),
		carbs: newField(e, "w_carbs", hidden, 1), carbsShape: newField(e, "b_carbs", 1, horizons),
		boardInsulin: newField(e, "board_insulin", 1, horizons),
		boardCarbs:   newField(e, "board_carbs", 1, horizons),
		laterInsulin: newField(e, "later_insulin", 1, horizons),
		laterCarbs:   newField(e, "later_carbs", 1, horizons),
		widths:       newField(e, "w_widths", hidden, widths*horizons), widthsBias: newField(e, "b_widths", 1, widths*horizons),
		insulinDoubt: newField(e, "insulin_doubt", 1, widths*horizons),
		carbsDoubt:   newField(e, "carbs_doubt", 1, widths*horizons),
	}
	random(p.w1.data, inputs, r)
	random(p.w2.data, hidden, r)
	copyFloats(p.skip.data, start.Skip)
	copyFloats(p.driftBias.data, start.B3[train.OutDrift:train.OutDrift+horizons])
	copyFloats(p.insulinShape.data, start.InsulinShape)
	copyFloats(p.carbsShape.data, start.CarbsShape)
	for h := range horizons {
		p.boardInsulin.data[h] = float(logit((start.BoardInsulin[h] - train.BoardLeast) / (1 - train.BoardLeast)))
		p.boardCarbs.data[h] = float(logit((start.BoardCarbs[h] - train.BoardLeast) / (1 - train.BoardLeast)))
		p.laterInsulin.data[h] = float(logit(start.LaterInsulin[h]))
		p.laterCarbs.data[h] = float(logit(start.LaterCarbs[h]))
	}
	for i := range p.widthsBias.data {
		p.widthsBias.data[i] = float(train.SoftplusUnit)
	}
	p.constants(e)
	return p
}

// random fills a layer as Glorot and Bengio (2010) do for tanh. The last layer
// starts at zero: the first forecast is the prior's with the straight way.
func random(data []float, fanIn int, r *rand.Rand) {
	limit := math.Sqrt(6 / float64(fanIn+hidden))
	for i := range data {
		data[i] = float(limit * (2*r.Float64() - 1))
	}
}

func (p *params) constants(e *g.ExprGraph) {
	p.acrossHorizons = newField(e, "across", 1, horizons)
	p.spread4 = newField(e, "per_width", horizons, widths*horizons)
	p.spread5 = newField(e, "per_level", horizons, levels*horizons)
	p.normalToLevel = newField(e, "normal_to_level", widths*horizons, levels*horizons)
	p.doubtToLevel = newField(e, "doubt_to_level", widths*horizons, levels*horizons)
	for h := range horizons {
		p.acrossHorizons.data[h] = 1
		for k := range widths {
			p.spread4.row(h)[k*horizons+h] = 1
		}
		for k := range levels {
			p.spread5.row(h)[k*horizons+h] = 1
		}
		for width := range widths {
			row := width*horizons + h
			for level := range levels {
				sign := float64(train.WidthSign(width, level))
				p.normalToLevel.row(row)[level*horizons+h] = float(sign * train.Normal[width])
				p.doubtToLevel.row(row)[level*horizons+h] = float(sign * train.DoubtMost)
			}
		}
	}
}

// moved are the params that descent moves. The first are drawn to zero on the way, the
// straight way to where it began; see decay.
func (p *params) moved() []*field {
	return []*field{
		&p.w1, &p.w2, &p.drift, &p.insulin, &p.carbs, &p.widths, &p.skip,
		&p.b1, &p.b2, &p.driftBias, &p.insulinShape, &p.carbsShape,
		&p.boardInsulin, &p.boardCarbs, &p.laterInsulin, &p.laterCarbs,
		&p.widthsBias, &p.insulinDoubt, &p.carbsDoubt,
	}
}

// drawn is how many of moved are drawn somewhere; the last of them is drawn back.
const (
	drawn     = 7
	drawnBack = drawn - 1
)

func (p *params) nodes() (nodes g.Nodes) {
	for _, f := range p.moved() {
		nodes = append(nodes, f.node)
	}
	return nodes
}

// forward is the model's equation: the quantiles, less the newest glucose, of all
// levels and horizons. strengths are how far insulin and carbs lie from the
// settings, −1 to 1 of what is allowed.
func (p *params) forward(b *batchTensors) (quantiles *g.Node, strengths g.Nodes) {
	layer := func(x *g.Node, w, bias field) *g.Node {
		return g.Must(g.Add(g.Must(g.Mul(x, w.node)), g.Must(g.Mul(b.one.node, bias.node))))
	}
	h1 := g.Must(g.Tanh(layer(b.inputs.node, p.w1, p.b1)))
	h2 := g.Must(g.Tanh(layer(h1, p.w2, p.b2)))
	drift := g.Must(g.Add(layer(h2, p.drift, p.driftBias), g.Must(g.Mul(b.inputs.node, p.skip.node))))
	ofInsulin := p.strength(b, h2, p.insulin, p.insulinShape)
	ofCarbs := p.strength(b, h2, p.carbs, p.carbsShape)
	fall := effect(told(b, b.fall, p.boardInsulin, b.laterFall, p.laterInsulin), ofInsulin)
	rise := effect(told(b, b.rise, p.boardCarbs, b.laterRise, p.laterCarbs), ofCarbs)
	median := g.Must(g.Add(g.Must(g.Sub(g.Must(g.Add(b.drift.node, drift)), fall)), rise))

	width := g.Must(g.Softplus(layer(h2, p.widths, p.widthsBias)))
	doubt := g.Must(g.Add(p.doubt(b, fall, p.insulinDoubt), p.doubt(b, rise, p.carbsDoubt)))
	around := g.Must(g.Add(g.Must(g.Mul(width, p.normalToLevel.node)), g.Must(g.Mul(doubt, p.doubtToLevel.node))))
	return g.Must(g.Add(g.Must(g.Mul(median, p.spread5.node)), around)), g.Nodes{ofInsulin, ofCarbs}
}

// told is an effect at the settings' strength: of what is on board and soon, and
// of what comes later, the share for which each counts.
func told(b *batchTensors, now, boardOdds, later, laterOdds field) *g.Node {
	share := func(odds field) *g.Node { return g.Must(g.Mul(b.one.node, g.Must(g.Sigmoid(odds.node)))) }
	least := g.Must(g.Mul(g.NewConstant(float(train.BoardLeast)), now.node))
	more := g.Must(g.Mul(g.NewConstant(float(1-train.BoardLeast)), g.Must(g.HadamardProd(now.node, share(boardOdds)))))
	board := g.Must(g.Add(least, more))
	return g.Must(g.Add(board, g.Must(g.HadamardProd(later.node, share(laterOdds)))))
}

// strength is what is learned of an effect, as a part of the logarithm allowed.
func (p *params) strength(b *batchTensors, h2 *g.Node, now, shape field) *g.Node {
	each := g.Must(g.Mul(g.Must(g.Mul(h2, now.node)), p.acrossHorizons.node))
	return g.Must(g.Tanh(g.Must(g.Add(each, g.Must(g.Mul(b.one.node, shape.node))))))
}

// effect is an effect at the settings' strength times what is learned of it.
func effect(told, strength *g.Node) *g.Node {
	log := g.Must(g.Mul(g.NewConstant(float(train.StrengthMost)), strength))
	return g.Must(g.HadamardProd(told, g.Must(g.Exp(log))))
}

// doubt is the share of an effect, per width, by which the forecast widens.
func (p *params) doubt(b *batchTensors, effect *g.Node, odds field) *g.Node {
	shares := g.Must(g.Mul(b.one.node, g.Must(g.Sigmoid(odds.node))))
	return g.Must(g.HadamardProd(g.Must(g.Mul(effect, p.spread4.node)), shares))
}

// logit is the log-odds of a share, kept where it has a slope to follow.
func logit(share float64) float64 {
	share = min(max(share, 0.02), 0.98)
	return math.Log(share / (1 - share))
}
