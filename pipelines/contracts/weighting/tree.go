package weighting

import "math"

// The ways in which a weight may be given.
const (
	ofParent = "of_parent"
	ofTotal  = "of_total"
	points   = "points"
	passFail = "pass_fail"
	order    = "order"
)

// The reasons for which a lot has no weight.
const (
	reasonSum          = "weight_sum"
	reasonOrder        = "order_of_importance"
	reasonMissing      = "weight_missing"
	reasonMixed        = "weight_types_mixed"
	reasonParent       = "parent_missing"
	reasonNotEvidenced = "not_evidenced"
)

// whole is a weight of everything, in percent.
const whole = 100

// criterion is one row of a lot.
type criterion struct {
	ref, parent   string
	weight        *float64
	kind          string
	isSocialValue bool
}

// tree is the criteria of a lot by what they are parts of.
type tree struct {
	parts     map[string][]criterion
	tolerance float64
	reached   int
}

// weigh returns the weight of social value among criteria, or why there is none.
func weigh(criteria []criterion, tolerance float64) (weight float64, reason string) {
	t := &tree{parts: map[string][]criterion{}, tolerance: tolerance}
	for _, c := range criteria {
		t.parts[c.parent] = append(t.parts[c.parent], c)
	}
	weight, reason = t.level("", 1, false)
	if reason == "" && t.reached < len(criteria) {
		reason = reasonParent // a part of what is not there, or of itself
	}
	return weight, reason
}

// level adds up the parts of a criterion, which is a share of the whole. within says that the criterion itself is about
// social value, so that its parts count nothing more.
func (t *tree) level(ref string, share float64, within bool) (weight float64, reason string) {
	shares, reason := t.shares(t.parts[ref], share)
	if reason != "" {
		return 0, reason
	}
	for i, part := range t.parts[ref] {
		t.reached++
		if part.isSocialValue && !within {
			weight += shares[i]
		}
		below, reason := t.level(part.ref, shares[i], within || part.isSocialValue)
		if reason != "" {
			return 0, reason
		}
		weight += below
	}
	return weight, ""
}

// shares are the parts' shares of the whole.
func (t *tree) shares(parts []criterion, share float64) (shares []float64, reason string) {
	shares = make([]float64, len(parts))
	kind, sum := "", 0.0
	for _, part := range parts {
		switch {
		case part.kind == passFail:
			continue
		case part.kind == order:
			return nil, reasonOrder
		case part.weight == nil || part.kind == "":
			return nil, reasonMissing
		case kind != "" && part.kind != kind:
			return nil, reasonMixed
		}
		kind = part.kind
		sum += *part.weight
	}
	expected := float64(whole)
	switch kind {
	case "":
		return shares, "" // nothing here has a weight
	case ofTotal:
		expected = whole * share
	case points:
		expected = sum
	}
	if math.Abs(sum-expected) > t.tolerance || sum == 0 {
		return nil, reasonSum
	}
	for i, part := range parts {
		if part.kind == passFail {
			continue
		}
		shares[i] = *part.weight / whole
		switch kind {
		case ofParent:
			shares[i] *= share
		case points:
			shares[i] = *part.weight / sum * share
		}
	}
	return shares, ""
}
