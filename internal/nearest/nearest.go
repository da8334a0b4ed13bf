// Package nearest finds the name that was probably meant by a misspelt one. It imports the standard library only.
package nearest

import (
	"strings"
	"unicode"
)

// close enough to be worth suggesting: "amonut" for "amount", "Net Amount" for "amount_gbp", but not "notes" for "name".
const enough = 0.55

// Of returns the candidate most like word, or "" when none is like it. Case, spaces and punctuation do not count;
// of two equally like, the earlier candidate wins.
func Of(word string, candidates []string) string {
	best, bestScore := "", enough
	for _, c := range candidates {
		if s := Score(word, c); s > bestScore {
			best, bestScore = c, s
		}
	}
	return best
}

// Score says how alike two names are, from 0 to 1.
func Score(a, b string) float64 {
	x, y := fold(a), fold(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	return max(editScore(x, y), pairScore(x, y))
}

func fold(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s))
}

// editScore is one less the share of letters to insert, drop, change or swap: it finds slips of the finger.
func editScore(a, b []rune) float64 {
	two, one, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := range a {
		now[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(one[j]+cost, one[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], two[j-1]+1)
			}
		}
		two, one, now = one, now, two
	}
	return 1 - float64(one[len(b)])/float64(max(len(a), len(b)))
}

// pairScore is the share of letter pairs in common: it finds names whose words stand in another order or company.
func pairScore(a, b []rune) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	pairs := make(map[[2]rune]int)
	for i := range len(a) - 1 {
		pairs[[2]rune{a[i], a[i+1]}]++
	}
	common := 0
	for i := range len(b) - 1 {
		p := [2]rune{b[i], b[i+1]}
		if pairs[p] > 0 {
			pairs[p]--
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b)-2)
}
