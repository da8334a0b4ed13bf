// Package contrast reads who is compared with whom, one contrast of two groups after the other, and shares the people of
// one out to the quarters of pay. What the rows hold, and their order, is said by package paygaps, which has them as its
// input.
package contrast

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"socialvalue/internal/stats"
)

// Series is the key of a contrast without its snapshot.
type Series struct {
	Body, Population, Characteristic, Comparator, Focal, Breakdown, Value string
}

// Texts are the parts in the order of the struct, which is that of the columns.
func (s Series) Texts() [7]string {
	return [7]string{s.Body, s.Population, s.Characteristic, s.Comparator, s.Focal, s.Breakdown, s.Value}
}

// Key is that of a contrast at a snapshot.
type Key struct {
	Series
	Snapshot arrow.Date32
}

// String names a contrast in messages. It holds no value of a person.
func (k Key) String() string {
	return fmt.Sprintf("%s, %s, population %s, %s of %s against %s, %s %s", k.Body, k.Snapshot.FormattedString(), k.Population,
		k.Characteristic, k.Focal, k.Comparator, k.Breakdown, k.Value)
}

// Side is where somebody stands in a contrast.
type Side uint8

// The sides.
const (
	Comparator Side = iota
	Focal
	Other // of another group that is known: in the quarters, and in nothing else
)

// Person is a row of a contrast.
type Person struct {
	Key         string
	Side        Side
	HasRate     bool
	PaidBonus   bool
	Rate, Bonus float64 // in pounds an hour, and pounds; nought where there is none
	Tie         int64   // the rate in the units in which equal ones are tied at the edge of a quarter
}

// Contrast is the people of a contrast at a snapshot, in the order of their keys.
type Contrast struct {
	Key    Key
	People []Person
}

// settle puts people into the order of their keys and refuses who stands twice.
func (c *Contrast) settle() error {
	slices.SortFunc(c.People, func(a, b Person) int { return cmp.Compare(a.Key, b.Key) })
	for i := 1; i < len(c.People); i++ {
		if c.People[i].Key == c.People[i-1].Key {
			return fmt.Errorf("%s: a person stands twice: one row for each person, or keys of their own where contracts are counted", c.Key)
		}
	}
	return nil
}

// Count is the number of people on a side.
func (c *Contrast) Count(of Side) int {
	n := 0
	for _, p := range c.People {
		if p.Side == of {
			n++
		}
	}
	return n
}

// Groups are the pay of the two sides.
type Groups struct{ Comparator, Focal stats.Sample }

// People is how many there are on both sides.
func (g Groups) People() int { return g.Comparator.Len() + g.Focal.Len() }

// Hourly are the hourly rates of those who have one.
func (c *Contrast) Hourly() (Groups, error) {
	return c.groups(func(p Person) (float64, bool) { return p.Rate, p.HasRate })
}

// Bonus are the bonuses of those who were paid one.
func (c *Contrast) Bonus() (Groups, error) {
	return c.groups(func(p Person) (float64, bool) { return p.Bonus, p.PaidBonus })
}

func (c *Contrast) groups(value func(Person) (float64, bool)) (Groups, error) {
	var of [2][]float64
	for _, p := range c.People {
		if v, has := value(p); has && p.Side != Other {
			of[p.Side] = append(of[p.Side], v)
		}
	}
	comparator, err := stats.NewSample(of[Comparator])
	if err != nil {
		return Groups{}, fmt.Errorf("%s: comparator: %w", c.Key, err)
	}
	focal, err := stats.NewSample(of[Focal])
	if err != nil {
		return Groups{}, fmt.Errorf("%s: focal group: %w", c.Key, err)
	}
	return Groups{comparator, focal}, nil
}
