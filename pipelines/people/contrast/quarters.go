package contrast

import (
	"cmp"
	"slices"
)

// Bands is the number of quarters, from the lowest pay.
const Bands = 4

// Quarter is how many people of each side stand in a quarter; fractions of people where groups beyond the two were shared
// out.
type Quarter struct {
	Size   int
	Counts [3]float64 // by side
}

// quarterSizes are the sizes of the quarters of n people: the first left over goes to the lower band, of two the second to
// the upper middle, of three one to each but the upper.
func quarterSizes(n int) [Bands]int {
	k, left := n/Bands, n%Bands
	sizes := [Bands]int{k, k, k, k}
	if left >= 1 {
		sizes[0]++
	}
	if left == 3 {
		sizes[1]++
	}
	if left >= 2 {
		sizes[2]++
	}
	return sizes
}

// paid is somebody in the order of pay.
type paid struct {
	tie  int64
	side Side
}

// quartersOf shares people out to the quarters. first is the side whose whole people are counted where there are two.
func quartersOf(people []paid, first Side) [Bands]Quarter {
	slices.SortFunc(people, func(a, b paid) int { return cmp.Compare(a.tie, b.tie) })
	var result [Bands]Quarter
	room := quarterSizes(len(people))
	for band, size := range room {
		result[band].Size = size
	}
	fractions := slices.ContainsFunc(people, func(p paid) bool { return p.side == Other })
	band := 0
	for start := 0; start < len(people); {
		end := start
		var tied [3]int
		for end < len(people) && people[end].tie == people[start].tie {
			tied[people[end].side]++
			end++
		}
		// The places of those who are tied: what is left of the band that is being filled, and of those after it.
		var places [Bands]int
		for left := end - start; left > 0; {
			if room[band] == 0 {
				band++
				continue
			}
			places[band] = min(left, room[band])
			room[band] -= places[band]
			left -= places[band]
		}
		shareOut(&result, places, tied, end-start, first, fractions)
		start = end
	}
	return result
}

// shareOut gives the places of people who are tied to the sides, in the mix they have.
func shareOut(result *[Bands]Quarter, places [Bands]int, tied [3]int, n int, first Side, fractions bool) {
	if fractions {
		for band, taken := range places {
			for side, count := range tied {
				result[band].Counts[side] += float64(taken) * float64(count) / float64(n)
			}
		}
		return
	}
	var whole, remainder [Bands]int
	left := tied[first]
	for band, taken := range places {
		whole[band], remainder[band] = taken*tied[first]/n, taken*tied[first]%n
		left -= whole[band]
	}
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder[b], remainder[a]) })
	for _, band := range order[:left] {
		whole[band]++
	}
	second := Focal
	if first == Focal {
		second = Comparator
	}
	for band, taken := range places {
		result[band].Counts[first] += float64(whole[band])
		result[band].Counts[second] += float64(taken - whole[band])
	}
}

// Quarters are the quarters of pay of a contrast's people who have a rate; who has the same Tie is tied.
func (c *Contrast) Quarters() [Bands]Quarter {
	people := make([]paid, 0, len(c.People))
	for _, p := range c.People {
		if p.HasRate {
			people = append(people, paid{p.Tie, p.Side})
		}
	}
	first := Comparator
	if c.Key.Focal < c.Key.Comparator {
		first = Focal
	}
	return quartersOf(people, first)
}
