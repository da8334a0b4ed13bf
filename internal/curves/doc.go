// Package curves draws survival curves as pictures that hold everything they need: the curve with its interval, the numbers
// at risk below it, and the definition of what it shows. A page of them is one HTML file.
//
// Drawing is a pure function of the chart. Reading takes charts from the restricted file of a release, which has left out
// what too few people stand behind.
package curves
