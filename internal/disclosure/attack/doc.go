// Package attack does what somebody would who wants to know more of staff than the open tables mean to tell. It is for
// tests: it shares no code with what protects, and knows of the tables only what a reader can know.
//
// Everything that is published becomes a system of linear inequalities over the numbers of people: a count that is shown
// as a multiple of five is one of those next to it, a share is within half of its last digit, parts make their totals,
// whoever has an hourly rate is an employee. Of each small number the attacker asks how small and how large it can be.
package attack
