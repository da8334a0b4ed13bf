package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDemonstration makes the demonstration once and lets everything that speaks of it look at that one release.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	svw, err := exec.LookPath("svw")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(svw, filepath.Join(dir, "bin", "svw")); err != nil {
		t.Fatal(err)
	}
	demonstrated, err := shell(t, dir, "bin/svw demo var/demo")
	if err != nil {
		t.Fatalf("%v\n%s", err, demonstrated)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("whole", func(t *testing.T) {
		t.Run("readme", func(t *testing.T) {
			t.Parallel()
			if tried := follow(t, dir, "README.md", string(readme), demonstrated); tried < 10 {
				t.Errorf("only %d commands were found in README.md", tried)
			}
		})
		t.Run("dictionary", func(t *testing.T) {
			t.Parallel()
			compareDictionary(t, filepath.Join(dir, "var/demo/warehouse/releases/current"))
		})
		t.Run("framework", func(t *testing.T) {
			t.Parallel()
			compareFramework(t, dir)
		})
		t.Run("client", func(t *testing.T) {
			t.Parallel()
			inspectRelease(t, filepath.Join(dir, "var/demo/warehouse/releases/current"), string(readme))
		})
	})
	t.Run("feeds", func(t *testing.T) {
		withoutFeeds(t, dir)
	})
}

// untried are the commands of the README that are not run: the first was just run in another folder, the second is
// the one that runs this test.
func untried() []string { return []string{"make demo", "make test"} }

// A new pipeline in a site folder runs without rebuilding the program (issue 3): its page is followed to the letter.
func TestNewPipeline(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/new-pipeline.md")
	if err != nil {
		t.Fatal(err)
	}
	const commandsOfThePage = 14
	if tried := follow(t, t.TempDir(), "docs/new-pipeline.md", string(page), ""); tried != commandsOfThePage {
		t.Errorf("%d commands were found, want %d", tried, commandsOfThePage)
	}
}

// follow does what a reader of a page does, from top to bottom: it writes the files shown (a block whose first line names
// a file after the language), types what stands after `$ ` in console blocks, and compares what is printed. A line `…`
// stands for any lines, and `…` within a line for any text. It returns how many commands it tried.
func follow(t *testing.T, dir, name, page, demonstrated string) int {
	t.Helper()
	tried := 0
	for _, block := range blocks(page) {
		switch {
		case block.file != "":
			path := filepath.Join(dir, block.file)
			if err := os.WriteFile(path, []byte(block.text), 0o640); err != nil {
				t.Fatal(err)
			}
			long := time.Now().AddDate(-1, 0, 0) // a file of this instant might still be growing
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		case block.language == "console":
			for _, typed := range commands(block.text) {
				printed := demonstrated
				if !slices.Contains(untried(), typed.command) {
					tried++
					printed, _ = shell(t, dir, typed.command) // the README shows exit codes by echo
				}
				if typed.command == "make test" || typed.printed.MatchString(printed) {
					continue
				}
				t.Errorf("%s, line %d: %s\nprinted:\n%s\nwhich is not:\n%s", name, block.line, typed.command, printed, typed.shown)
			}
		}
	}
	return tried
}

// shell runs a line as it is typed and returns all that is printed.
func shell(t *testing.T, dir, line string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "HOME="+dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// block is one fenced block of a Markdown text.
type block struct {
	language, file, text string
	line                 int
}

func blocks(text string) []block {
	var found []block
	inside := false
	for i, line := range strings.Split(text, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && inside:
			inside = false
		case isFence:
			inside = true
			language, file, _ := strings.Cut(fence, " ")
			found = append(found, block{language: language, file: file, line: i + 1})
		case inside:
			found[len(found)-1].text += line + "\n"
		}
	}
	return found
}

// typed is a command of a console block and what it shows as printed.
type typed struct {
	command string
	shown   string
	printed *regexp.Regexp
}

func commands(console string) []typed {
	var found []typed
	for line := range strings.Lines(console) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			found = append(found, typed{command: strings.TrimSpace(command)})
		} else if len(found) > 0 {
			found[len(found)-1].shown += line
		}
	}
	for i := range found {
		pattern := regexp.QuoteMeta(found[i].shown)
		pattern = regexp.MustCompile(`(?m)^…\n`).ReplaceAllString(pattern, `(?:.*\n)*`)
		found[i].printed = regexp.MustCompile("^" + strings.ReplaceAll(pattern, "…", ".*") + "$")
	}
	return found
}

func TestCommands(t *testing.T) {
	t.Parallel()
	const console = "$ one\n…\nlast line … ends\n$ two; echo $?\n3\n"
	found := commands(console)
	if len(found) != 2 || found[0].command != "one" || found[1].command != "two; echo $?" {
		t.Fatal(found)
	}
	for printed, fits := range map[string]bool{
		"first\nlast line truly ends\n":           true,
		"last line  ends\n":                       true,
		"first\nlast line truly ends\nand more\n": false,
		"first\n": false,
	} {
		t.Run(fmt.Sprintf("%q", printed), func(t *testing.T) {
			t.Parallel()
			if found[0].printed.MatchString(printed) != fits {
				t.Errorf("fits is %t, want %t", !fits, fits)
			}
		})
	}
}
