package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"mailsim/sim/load"
	"mailsim/sim/rng"
)

// Distributions are written as a constant, as the name of a preset, or as a table { dist = ..., mean = ... } whose parameters are
// in the unit of what is drawn.

// durationDist draws seconds.
type durationDist struct{ rng.Dist }

// sizeDist draws bytes.
type sizeDist struct{ rng.Dist }

// countDist draws whole numbers from 1.
type countDist struct{ rng.Dist }

// packetDist draws numbers of packets.
type packetDist struct{ rng.Dist }

func (x *durationDist) bindNode(b *binder, n *node, w where) { x.Dist = b.dist(n, w, durations) }
func (x *sizeDist) bindNode(b *binder, n *node, w where)     { x.Dist = b.dist(n, w, sizes) }
func (x *countDist) bindNode(b *binder, n *node, w where)    { x.Dist = b.dist(n, w, counts) }
func (x *packetDist) bindNode(b *binder, n *node, w where)   { x.Dist = b.dist(n, w, packets) }

// dimension is what a distribution draws.
type dimension uint8

const (
	durations dimension = iota
	sizes
	counts
	packets
)

// presets are the names that stand for a distribution of the dimension.
func (d dimension) presets() []string {
	switch d {
	case sizes:
		return rng.SizePresets()
	case counts:
		return rng.RecipientsPresets()
	}
	return nil
}

// dists lists the distributions with the sets of parameters that each can be given by.
func dists() []struct {
	name string
	keys []string
} {
	return []struct {
		name string
		keys []string
	}{
		{"constant", []string{"value"}},
		{"exponential", []string{"mean"}},
		{"uniform", []string{"min max"}},
		{"lognormal", []string{"median p95", "median sigma", "mean sigma", "median sigma limit"}},
		{"weibull", []string{"mean shape", "scale shape"}},
		{"pareto", []string{"min shape"}},
		{"erlang", []string{"mean stages"}},
		{"hyperexponential", []string{"mean cs2"}},
	}
}

// distKeys are all parameters; the first ones are in the unit of what is drawn, the others plain numbers.
func distKeys() (inUnit, plain []string) {
	return []string{"value", "mean", "median", "p95", "min", "max", "scale", "limit"}, []string{"sigma", "shape", "stages", "cs2"}
}

// dist reads a distribution; what is wrong with it is reported and gives the constant 1.
func (b *binder) dist(n *node, w where, dim dimension) rng.Dist {
	fallback := rng.Constant(1)
	if n.kind == tableNode {
		d, err := b.distTable(n, w, dim)
		if err != nil {
			b.errorf(n.at, w, "%s", err)
		}
		return d
	}
	if s, ok := n.value.(string); ok && slices.Contains(dim.presets(), s) {
		if dim == sizes {
			d, _ := rng.SizePreset(s)
			return d
		}
		d, _ := rng.RecipientsPreset(s)
		return d
	} else if ok && (strings.Contains(s, ".") && !('0' <= s[0] && s[0] <= '9') || dim == counts) && len(dim.presets()) > 0 {
		b.errorf(n.at, w, "%s is not a preset; %s", quote(s), suggest(s, dim.presets(), "preset"))
		return fallback
	}
	if n.kind != scalarNode {
		b.errorf(n.at, w, "expected a value, a preset or a table, got %s", n.describe())
		return fallback
	}
	v, ok := b.amount(n, w, dim)
	if !ok {
		return fallback
	}
	if dim == counts && v > float64(load.MaxRecipients) {
		b.errorf(n.at, w, "%s is more than a message can have; write at most %d", formatScalar(n.value), load.MaxRecipients)
	}
	if dim != durations && v < 1 {
		b.errorf(n.at, w, "must be at least 1, is %s", formatScalar(n.value))
		return fallback
	}
	return rng.Constant(v)
}

// amount reads a value in the unit of the dimension.
func (b *binder) amount(n *node, w where, dim dimension) (float64, bool) {
	before := len(b.rep.problems)
	switch dim {
	case durations:
		var d duration
		b.quantity(n, &d, w, "")
		return float64(d) / 1e9, len(b.rep.problems) == before
	case sizes:
		var s size
		b.quantity(n, &s, w, "")
		if int64(s) > load.MaxSize {
			b.errorf(n.at, w, "%s is more than a message can have; write at most 4095MB", formatScalar(n.value))
		}
		return float64(s), len(b.rep.problems) == before
	default:
		return b.number(n, w)
	}
}

func (b *binder) distTable(n *node, w where, dim dimension) (rng.Dist, error) {
	fallback := rng.Constant(1)
	var names []string
	for _, d := range dists() {
		names = append(names, d.name)
	}
	kind := n.get("dist")
	if kind == nil {
		return fallback, fmt.Errorf(`dist: required; write dist = "exponential" or another of %s`, list(names))
	}
	name, ok := b.text(kind, w.dot("dist"))
	i := slices.Index(names, name)
	if ok && i < 0 {
		b.errorf(kind.at, w.dot("dist"), "%s is no distribution; %s", quote(name), suggest(name, names, "distribution"))
	}
	inUnit, plain := distKeys()
	p := map[string]float64{}
	good := ok && i >= 0
	var given []string
	for _, f := range n.fields {
		var v float64
		var read bool
		switch {
		case f.key == "dist":
			continue
		case slices.Contains(inUnit, f.key):
			v, read = b.amount(f, w.dot(f.key), dim)
		case slices.Contains(plain, f.key):
			v, read = b.number(f, w.dot(f.key))
		default:
			known := append(append([]string{"dist"}, inUnit...), plain...)
			b.errorf(f.keyAt, w.dot(f.key), "unknown key; %s", suggestKey(f.key, known))
		}
		good = good && read
		p[f.key], given = v, append(given, f.key)
	}
	if !good {
		return fallback, nil
	}
	sets := dists()[i].keys
	if !slices.ContainsFunc(sets, func(set string) bool { return sameSet(strings.Fields(set), given) }) {
		for j := range sets {
			sets[j] = strings.ReplaceAll(sets[j], " ", " and ")
		}
		return fallback, fmt.Errorf("a %s distribution is given by %s; here are: %s", name, strings.Join(sets, ", or "), givenKeys(given))
	}
	return makeDist(name, p)
}

func givenKeys(keys []string) string {
	if len(keys) == 0 {
		return "none"
	}
	return list(keys)
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// makeDist makes a distribution of checked parameters.
func makeDist(name string, p map[string]float64) (rng.Dist, error) {
	_, median := p["median"]
	_, p95 := p["p95"]
	_, limit := p["limit"]
	_, scale := p["scale"]
	switch name {
	case "constant":
		return rng.Constant(p["value"]), nil
	case "exponential":
		return rng.Exponential(p["mean"])
	case "uniform":
		return rng.Uniform(p["min"], p["max"])
	case "lognormal":
		switch {
		case median && !(p["median"] > 0):
			return rng.Constant(1), fmt.Errorf("lognormal distribution: median must be above 0")
		case limit:
			return rng.LognormalUpTo(math.Log(p["median"]), p["sigma"], p["limit"])
		case p95:
			return rng.LognormalMedianP95(p["median"], p["p95"])
		case median:
			return rng.Lognormal(math.Log(p["median"]), p["sigma"])
		}
		return rng.LognormalMean(p["mean"], p["sigma"])
	case "weibull":
		if scale {
			return rng.Weibull(p["scale"], p["shape"])
		}
		return rng.WeibullMean(p["mean"], p["shape"])
	case "pareto":
		return rng.Pareto(p["min"], p["shape"])
	case "erlang":
		if stages := p["stages"]; stages != math.Trunc(stages) || math.Abs(stages) > 1000 {
			return rng.Constant(1), fmt.Errorf("erlang distribution: stages must be a whole number from 1 to 100")
		}
		return rng.Erlang(p["mean"], int(p["stages"]))
	default:
		return rng.Hyperexponential(p["mean"], p["cs2"])
	}
}
