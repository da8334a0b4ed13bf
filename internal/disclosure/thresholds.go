package disclosure

// Thresholds are the minima of people. A site may raise them.
type Thresholds struct {
	Count    int64 `json:"count"`    // people in a count that is shown
	Pay      int64 `json:"pay"`      // on either side of a pay statistic
	Bonus    int64 `json:"bonus"`    // recipients behind a bonus figure
	Group    int64 `json:"group"`    // people of a group of which none or all may be shown
	Rounding int64 `json:"rounding"` // base of rounded counts
}

// Floor are the reference values, below which no site goes.
func Floor() Thresholds { return Thresholds{Count: 10, Pay: 10, Bonus: 10, Group: 30, Rounding: 5} }

// AtLeast raises every value that is below that of floor.
func (t Thresholds) AtLeast(floor Thresholds) Thresholds {
	return Thresholds{
		Count: max(t.Count, floor.Count), Pay: max(t.Pay, floor.Pay), Bonus: max(t.Bonus, floor.Bonus),
		Group: max(t.Group, floor.Group), Rounding: max(t.Rounding, floor.Rounding),
	}
}

// of is the minimum that holds for a kind of statistic.
func (t Thresholds) of(kind string) int64 {
	switch kind {
	case kindPay:
		return max(t.Pay, t.Count)
	case kindBonus:
		return max(t.Bonus, t.Count)
	}
	return t.Count
}

// small says whether a count is too small to be shown.
func small(count, minimum int64) bool { return count > 0 && count < minimum }

// roundTo rounds a count to the nearest multiple of base, half up.
func roundTo(count, base int64) int64 {
	if base <= 1 {
		return count
	}
	return (count + base/2) / base * base
}
