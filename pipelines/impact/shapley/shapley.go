// Package shapley shares out what several things do together (methods, A7, A8): each gets the average of what it adds, over
// all orders in which they could come. It imports nothing of the project.
package shapley

import (
	"fmt"
	"math/bits"
)

// Most is how many players a game may have: every set of them is valued.
const Most = 10

// Set is a set of players, one bit each.
type Set uint

// Has tells whether a player is in the set.
func (s Set) Has(player int) bool { return s&(1<<player) != 0 }

// All is the set of the first n players.
func All(n int) Set { return 1<<n - 1 }

// TooManyError says that a game has more players than are valued.
type TooManyError struct{ Players int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%d adjustments, at most %d can be told apart: join those that belong together", e.Players, Most)
}

// Shares are the contributions of n players to a game. They add up to the value of all less the value of none.
func Shares(n int, value func(Set) float64) ([]float64, error) {
	if n > Most {
		return nil, &TooManyError{n}
	}
	values := make([]float64, 1<<n)
	for s := range values {
		values[s] = value(Set(s))
	}
	weights := weights(n)
	shares := make([]float64, n)
	for s := range values {
		for player := range n {
			if !Set(s).Has(player) {
				shares[player] += weights[bits.OnesCount(uint(s))] * (values[s|1<<player] - values[s])
			}
		}
	}
	return shares, nil
}

// Overlap is what all do together beyond what each does alone; negative when they get in each other's way.
func Overlap(n int, value func(Set) float64) float64 {
	none := value(0)
	overlap := value(All(n)) - none
	for player := range n {
		overlap -= value(1<<player) - none
	}
	return overlap
}

// weights are the shares of orders in which a player comes after exactly k others: k! (n-1-k)! / n!.
func weights(n int) []float64 {
	weights := make([]float64, n)
	for k := range weights {
		w := 1 / float64(n)
		for i := 1; i <= k; i++ { // 1 over the number of ways to choose k of n-1
			w *= float64(i) / float64(n-i)
		}
		weights[k] = w
	}
	return weights
}
