package assess

import "slices"

// valuation is how a line's quantities become money.
type valuation struct {
	value        *float64
	byYear       map[int]float64
	priceYear    int
	priceBasis   string
	valueType    string
	global       bool
	duration     string
	discounted   bool
	highMultiple float64

	deadweightInProxy, attributionInProxy, displacementInProxy bool
}

// valuation finds a line's unit value, and says in the line why there is none.
func (x *index) valuation(b *bundle, ref *Reference, l *Line) valuation {
	v := valuation{global: l.Global, highMultiple: ref.HighMultiple}
	switch {
	case ref.NotNet[l.System]:
		l.NetReason = NotNetSystem
	case l.Proxy != "" && l.UnitValue != nil:
		l.ValueReason = NoUnitValue
	case l.Proxy == "":
		v.value, v.priceYear, v.valueType = l.UnitValue, l.UnitPriceYear, l.ValueType
	default:
		p, ok := x.proxy(b.Submission, l.System, l.Version, l.Proxy)
		if !ok {
			l.ValueReason = UnknownProxy
			break
		}
		v.value, v.byYear, v.priceYear, v.valueType = p.Value, p.ByYear, p.PriceYear, p.ValueType
		v.global = v.global || p.Global
		v.duration, v.discounted, v.priceBasis = p.Duration, p.Discounted, p.PriceBasis
		l.cite(p.Source)
		v.netOf(l, p)
	}
	l.ProxyValueType, l.UnitPriceYearUsed = v.valueType, v.priceYear
	return v
}

// netOf marks what a proxy took off already: it is not taken off again. Where that is not known it is not either, and told.
func (v *valuation) netOf(l *Line, p Proxy) {
	mark := func(answer string, set *bool, flag, unknown string) {
		switch answer {
		case "yes":
			*set = true
			l.Flags = append(l.Flags, flag)
		case "unknown":
			*set = true
			l.Flags = append(l.Flags, unknown)
		}
	}
	mark(p.NetOfDeadweight, &v.deadweightInProxy, FlagDeadweightInProxy, FlagDeadweightUnknown)
	mark(p.NetOfAttribution, &v.attributionInProxy, FlagAttributionInProxy, FlagAttributionInProxy)
	mark(p.NetOfDisplacement, &v.displacementInProxy, FlagDisplacementInProxy, FlagDisplacementInProxy)
}

// weigh gives each year of a line its value and its discount factor, and says why it cannot.
func (l *Line) weigh(b *bundle, ref *Reference, v valuation) string {
	f := &l.variants.form
	parameter := f.unitValue != fixed(1)
	l.Schedule = ref.ScheduleOf[v.valueType]
	schedule, ok := ref.Schedules[l.Schedule]
	switch {
	case !ok:
		return NoSchedule
	case v.value == nil && v.byYear == nil && !parameter:
		return NoValue
	case v.priceYear == 0 || b.PriceYear == 0:
		return NoPriceYear
	case b.DecisionYear == 0:
		return NoDecisionYear
	}
	price, ok := b.price(ref, v.priceBasis, v.priceYear)
	if !ok {
		return NoDeflator
	}
	first, last := f.years[0].year, f.years[len(f.years)-1].year
	switch {
	case first < b.DecisionYear:
		return BeforeDecision
	case v.duration == "lifetime" && !l.NewCases && len(f.years) > 1:
		return DurationBasis
	case v.discounted && last > b.DecisionYear:
		return AlreadyDiscounted
	}
	factors, err := schedule.Factors(last - b.DecisionYear)
	if err != nil {
		return NoSchedule
	}
	lower := factors
	if l.Schedule == ref.CostSchedule && last-b.DecisionYear > ref.LongHorizon {
		if s, known := ref.Schedules[ref.Lower]; known {
			if lower, err = s.Factors(last - b.DecisionYear); err != nil {
				return NoSchedule
			}
		}
	}
	years := slices.Clone(f.years)
	for i := range years {
		y := &years[i]
		y.value = price
		switch {
		case parameter: // the parameter is the value
		case v.byYear != nil:
			value, known := v.byYear[y.year]
			if !known {
				return NoValue
			}
			y.value = price * value
		default:
			y.value = price * *v.value
		}
		y.df, y.lower = factors[y.year-b.DecisionYear], lower[y.year-b.DecisionYear]
	}
	f.years = years
	return ""
}
