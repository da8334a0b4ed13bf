// Package preview looks at a file that nobody described yet and says what is in
// it: how it is encoded, where its header is, what its columns hold, which
// contract they may fit, and the layout to paste. It reads records that others
// opened, and keeps nothing. Values of columns that are or may be personal are
// shown by their shape.
package preview
