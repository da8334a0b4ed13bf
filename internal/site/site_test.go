package site_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"socialvalue/internal/layout"
	"socialvalue/internal/site"
	"socialvalue/internal/strictyaml"
)

const whole = `name: Liverpool City Region Combined Authority
version: 1
bodies: [{code: E47000004, name: The authority, role: authority}, {code: merseytravel, name: Merseytravel}]
area: {name: Liverpool City Region, lad_codes: [E06000006, E08000011]}
time_zone: Europe/London
financial_year_start: 04-01
baseline_year: 2022-23
as_of: 2025-06-30
duckdb: {memory_limit: 4GB, threads: 2, temp_limit: 20GiB}
keys: {people: "file:keys/people.key"}
disclosure: {}
no_publication: [{from: 2026-03-27, to: 2026-05-07, reason: pre-election period}]
publish_to: [share]
warehouse: warehouse
sources:
  - name: leeds
    contract: spend/payments
    body: merseytravel
    from: drop/leeds/*.csv
    name_pattern: '(?P<month>\d{4}-\d{2})\.csv$'
    overlap: by_row
    # which rows the files hold, and of what
    set: {capital_or_revenue: R, coverage: ledger}
    layouts:
      - when: {header_has: [Date paid]}
        format: {encoding: windows-1252, dates: [DD/MM/YYYY]}
        map: {Date paid: posting_date}
        ignore: all
  - {name: imd, contract: geography/imd, from: /srv/imd/*.csv}
`

func parse(t *testing.T, text string) (*site.Site, error) {
	t.Helper()
	return site.Parse("/srv/site", "svw.yaml", []byte(text))
}

func TestWholeFile(t *testing.T) {
	t.Parallel()
	got, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	format := layout.DefaultFormat()
	format.Encoding, format.Dates = "windows-1252", []string{"DD/MM/YYYY"}
	want := &site.Site{
		Operations: site.Operations{Keep: 400 * 24 * time.Hour}, ForHR: site.ForHR{KeepDays: 14},
		Root: "/srv/site", Name: "Liverpool City Region Combined Authority",
		Bodies:   []site.Body{{"E47000004", "The authority", "authority"}, {"merseytravel", "Merseytravel", ""}},
		Area:     site.Area{Name: "Liverpool City Region", LADCodes: []string{"E06000006", "E08000011"}},
		TimeZone: "Europe/London", Location: london, FinancialYearStart: site.MonthDay{Month: time.April, Day: 1}, BaselineYear: "2022-23",
		DuckDB:     site.DuckDB{MemoryLimit: site.Size{Text: "4GB", Bytes: 4e9}, Threads: 2, TempLimit: site.Size{Text: "20GiB", Bytes: 20 << 30}},
		Keys:       map[string]site.Secret{"people": "file:keys/people.key"},
		Disclosure: site.Disclosure{MinimumCount: 10, MinimumPay: 10, MinimumBonus: 10, MinimumGroup: 30, Rounding: 5},
		NoPublication: []site.DateRange{{
			From: time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 5, 7, 0, 0, 0, 0, time.UTC), Reason: "pre-election period",
		}},
		PublishTo: []string{"/srv/site/share"}, Warehouse: site.Warehouse{Root: "/srv/site/warehouse"},
		Sources: []site.Source{
			{
				Name: "leeds", Contract: "spend/payments", Body: "merseytravel", From: "/srv/site/drop/leeds/*.csv", Overlap: site.OverlapByRow,
				Set: map[string]string{"capital_or_revenue": "R", "coverage": "ledger"}, Where: "svw.yaml:16:5",
				Layouts: []layout.Layout{{
					Name: "layout_1", When: layout.When{HeaderHas: []string{"Date paid"}}, Format: format,
					Map: map[string]string{"Date paid": "posting_date"}, Ignore: layout.Ignore{All: true},
				}},
			},
			{Name: "imd", Contract: "geography/imd", From: "/srv/imd/*.csv", Overlap: site.RefuseOverlap, Where: "svw.yaml:29:5"},
		},
	}
	same := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, got, same, cmpopts.IgnoreUnexported(site.Site{}, site.Source{})); diff != "" {
		t.Errorf("site (-want +got):\n%s", diff)
	}
	if day := got.AsOf(time.Now()).Format(time.DateOnly); day != "2025-06-30" {
		t.Errorf("as of %s, want the day the file gives", day)
	}
	if src, ok := got.Source("imd"); !ok || src.Contract != "geography/imd" {
		t.Errorf("Source(imd) = %v, %v", src, ok)
	}
}

func TestAsOfIsTheLocalDay(t *testing.T) {
	t.Parallel()
	s, err := parse(t, strings.Replace(whole, "as_of: 2025-06-30\n", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	if day := s.AsOf(time.Date(2025, 6, 30, 23, 30, 0, 0, time.UTC)).Format(time.DateOnly); day != "2025-07-01" {
		t.Errorf("as of %s, want 2025-07-01: it is past midnight in London", day)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, now, want string }{
		"unknown key":           {"as_of:", "asof:", `svw.yaml:8:1: unknown key "asof": did you mean "as_of"?`},
		"unknown key in source": {"    body: m", "    bdy: m", `svw.yaml:18:5: unknown key "bdy": did you mean "body"?`},
		"inline password":       {"    body: merseytravel", "    password: hunter2", "svw.yaml:18:15: password: a secret is never written here"},
		"inline secret":         {"file:keys/people.key", "hunter2", "svw.yaml:10:16: keys.people: a secret is never written here"},
		"url with password":     {"drop/leeds/*.csv", "https://me:hunter2@example.org/x.csv", "svw.yaml:19:11: from must be a path"},
		"no name":               {"name: Liverpool City Region Combined Authority\n", "", "name is missing"},
		"no version":            {"version: 1\n", "", "version is missing: write version: 1"},
		"newer version":         {"version: 1", "version: 2", "install a newer svw"},
		"no body":               {"bodies: [{code: E47000004, name: The authority, role: authority}, {code: merseytravel, name: Merseytravel}]\n", "", "bodies is missing"},
		"body twice":            {"code: E47000004", "code: merseytravel", "two bodies have the code merseytravel"},
		"body code":             {"code: E47000004", "code: a b", "a body needs a code"},
		"body group":            {"code: E47000004", "code: group", "the code group is taken"},
		"body without name":     {", name: Merseytravel", "", "the body merseytravel needs a name"},
		"body role":             {"role: authority", "role: The Boss", "a role is one word"},
		"two authorities":       {"name: Merseytravel}", "name: Merseytravel, role: authority}", "svw.yaml:3:114: E47000004 is the authority already"},
		"area":                  {"area: {name: Liverpool City Region, lad_codes: [E06000006, E08000011]}\n", "", "area says what counts as local"},
		"district":              {"E08000011", "Liverpool", "svw.yaml:4:60: a district code is a letter and eight digits"},
		"district twice":        {"E08000011", "E06000006", "E06000006 stands twice"},
		"time zone":             {"Europe/London", "Mersey/Side", "svw.yaml:5:12: unknown time zone"},
		"financial year":        {"04-01", "1 April", "svw.yaml:6:23: financial_year_start is month and day"},
		"financial year, 31st":  {"04-01", "01-31", "financial_year_start is month and day (1 to 28)"},
		"baseline year":         {"2022-23", "2022-24", "svw.yaml:7:16: baseline_year is a financial year"},
		"as of":                 {"2025-06-30", "30/06/2025", "svw.yaml:8:8: as_of is a date"},
		"memory":                {"memory_limit: 4GB", "memory_limit: 80%", "memory_limit: a size is a number and a unit"},
		"threads":               {"threads: 2", "threads: 0", "threads is the number of processor cores"},
		"threads in words":      {"threads: 2", "threads: two", "svw.yaml:9:38: threads expects a whole number"},
		"disclosure":            {"disclosure: {}", "disclosure: {threshold: 5}", "unknown key \"threshold\""},
		"disclosure lowered":    {"disclosure: {}", "disclosure: {minimum_pay: 9}", "minimum_pay may be raised, but not below the reference value 10"},
		"rounding lowered":      {"disclosure: {}", "disclosure: {rounding: 1}", "rounding may be raised"},
		"republish twice":       {"disclosure: {}", "disclosure: {}\nrepublish: [geo, geo]", "republish lists schemas"},
		"no publication":        {"to: 2026-05-07", "to: 2025-05-07", "no_publication lists days with their reason"},
		"warehouse":             {"warehouse: warehouse", "warehouse: .", "warehouse must be a folder of its own"},
		"warehouse above":       {"warehouse: warehouse", "warehouse: ..", "warehouse must be a folder of its own"},
		"source name":           {"name: leeds", "name: Leeds Council", "a source needs a name"},
		"source twice":          {"name: leeds", "name: imd", "two sources are named imd"},
		"same files twice":      {"name: imd, contract: geography/imd, from: /srv/imd/*.csv", "name: again, contract: spend/payments, from: drop/leeds/*.csv", "source leeds reads the same files"},
		"contract":              {"spend/payments", "payments", "a source needs a contract, named pipeline/contract"},
		"body of a source":      {"body: merseytravel", "body: mersytravel", "svw.yaml:18:11: no body has the code mersytravel: did you mean merseytravel?"},
		"official body":         {"body: merseytravel", "body: E08000035", "no body has the code E08000035: add it to bodies"},
		"no from":               {"    from: drop/leeds/*.csv\n", "", "a source needs from"},
		"two stars":             {"drop/leeds/*.csv", "drop/**/*.csv", "** is not known"},
		"open bracket":          {"drop/leeds/*.csv", `"drop/leeds/[.csv"`, "from is not a file pattern"},
		"from in the warehouse": {"drop/leeds/*.csv", "warehouse/landing/*.csv", "from lies in the warehouse"},
		"overlap":               {"overlap: by_row", "overlap: maybe", "overlap must be refuse or by_row"},
		"pattern":               {`(?P<month>\d{4}-\d{2})\.csv$`, `(?P<month>`, "name_pattern: not a regular expression"},
		"pattern of nothing":    {`(?P<month>\d{4}-\d{2})\.csv$`, `\.csv$`, "name_pattern: has no named group"},
		"pattern of two":        {`(?P<month>\d{4}-\d{2})\.csv$`, `(?P<year>\d{4})-(?P<month>\d{2})`, "the groups year and month both say the period"},
		"pattern, same group":   {`(?P<month>\d{4}-\d{2})\.csv$`, `(?P<part>a)(?P<part>b)`, "name_pattern:"},
		"pattern and set":       {`(?P<month>\d{4}-\d{2})\.csv$`, `(?P<capital_or_revenue>[CR])`, "capital_or_revenue is both in the name and set"},
		"coverage by itself":    {"    # which rows the files hold, and of what\n", "    coverage: ledger\n", `svw.yaml:22:5: unknown key "coverage": it is a column like any other; write set: {coverage: …}`},
		"layout":                {"DD/MM/YYYY", "dd/mm/yyyy", "svw.yaml:26:50: \"dd/mm/yyyy\" is not a date format"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(whole, tc.old) {
				t.Fatalf("the file has no %q", tc.old)
			}
			_, err := parse(t, strings.Replace(whole, tc.old, tc.now, 1))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestAllMistakesAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, err := parse(t, "nmae: x\nversion: 1\nbodies: []\ntime_zone: nowhere\nsources: [{name: A}]\n")
	var all strictyaml.Errors
	if !errors.As(err, &all) || len(all) < 6 {
		t.Fatalf("got %v, want at least six mistakes", err)
	}
	for i := 1; i < len(all); i++ {
		if all[i].Line < all[i-1].Line {
			t.Errorf("line %d comes after line %d", all[i].Line, all[i-1].Line)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := site.Load(dir); err == nil || !strings.Contains(err.Error(), "svw init") {
		t.Errorf("got %v, want the remedy", err)
	}
	if err := os.WriteFile(filepath.Join(dir, site.FileName), []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Root != dir || s.Warehouse.Root != filepath.Join(dir, "warehouse") {
		t.Errorf("root is %s, warehouse %s", s.Root, s.Warehouse.Root)
	}
}

func TestCheckContracts(t *testing.T) {
	t.Parallel()
	columns := func(names ...string) []layout.Column {
		var all []layout.Column
		for _, n := range names {
			all = append(all, layout.Column{Name: n})
		}
		return all
	}
	good := map[string][]layout.Column{
		"spend/payments": columns("posting_date", "capital_or_revenue", "coverage"), "geography/imd": columns("lsoa_code"),
	}
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckContracts(good); err != nil {
		t.Error(err)
	}
	bad := map[string][]layout.Column{"spend/payments": columns("postng_date"), "geography/imd25": columns("lsoa_code")}
	for range 2 { // checking again says the same
		err = s.CheckContracts(bad)
		want := []string{
			`svw.yaml:23:34: contract spend/payments has no column "coverage"`,
			`svw.yaml:23:11: contract spend/payments has no column "capital_or_revenue"`,
			`svw.yaml:27:26: contract spend/payments has no column "posting_date": did you mean "postng_date"?`,
			`svw.yaml:29:27: there is no contract geography/imd: did you mean geography/imd25?`,
		}
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("got %v\nwant %s", err, w)
			}
		}
	}
}

func TestWarehouseIsCreatedClosed(t *testing.T) {
	t.Parallel()
	w := site.Warehouse{Root: filepath.Join(t.TempDir(), "deep", "warehouse")}
	for range 2 {
		if err := w.Create(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{w.Root, w.Landing(), w.Loads(), w.Temp(), w.State(), w.DisclosureLedger(), w.Baselines(), w.Releases(), w.Publications()} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o750 {
			t.Errorf("%s has mode %o, want 750", dir, info.Mode().Perm())
		}
	}
	inTheWay := site.Warehouse{Root: filepath.Join(t.TempDir(), "file")}
	if err := os.WriteFile(inTheWay.Root, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := inTheWay.Create(); err == nil || !strings.Contains(err.Error(), "not a folder") {
		t.Errorf("got %v, want the file named", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"good": 0o400, "open": 0o644, "empty": 0o400} {
		text := "hunter2\n"
		if name == "empty" {
			text = "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	env := func(name string) (string, bool) { return "from " + name, name == "KEY" }
	tests := map[string]struct {
		secret site.Secret
		want   string // the secret, or part of the error
	}{
		"file":           {"file:good", "hunter2"},
		"absolute file":  {site.Secret("file:" + filepath.Join(dir, "good")), "hunter2"},
		"environment":    {"env:KEY", "from KEY"},
		"others read it": {"file:open", "chmod 0400"},
		"empty":          {"file:empty", "it is empty"},
		"no file":        {"file:none", "no such file"},
		"no variable":    {"env:NONE", "the environment has no such variable"},
		"inline":         {"hunter2", "a secret is never written here"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.secret.Read(dir, env)
			if err != nil {
				if !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got error %v, want %q", err, tc.want)
				}
				return
			}
			if string(got) != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"4GB": 4e9, "4 GiB": 4 << 30, "512MB": 512e6, "1.5gb": 15e8, "2TB": 2e12, "8KiB": 8192,
		"": 0, "4": 0, "GB": 0, "-1GB": 0, "80%": 0, "0GB": 0, "9999999TB": 0, "4GBs": 0,
	} {
		got, err := site.ParseSize(text)
		if (err == nil) != (want != 0) || got.Bytes != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", text, got.Bytes, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("name: a\nversion: 1\nsources: [{layouts: [{when: {}}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := site.Parse("/srv/site", "svw.yaml", data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		for _, src := range s.Sources {
			if _, err := src.Claim("2024-04.csv"); err != nil && err.Error() == "" {
				t.Fatal("an error without text")
			}
		}
		_ = s.CheckContracts(nil)
		if s.Location == nil || s.DuckDB.Threads < 1 || s.Warehouse.Root == s.Root {
			t.Fatalf("accepted %+v", s)
		}
	})
}

func TestSheetsAreSaidOnce(t *testing.T) {
	t.Parallel()
	sheets := strings.Replace(whole, "    overlap: by_row\n", "    sheets: '20??-??'\n", 1)
	s, err := parse(t, sheets)
	if err != nil || s.Sources[0].Sheets != "20??-??" {
		t.Fatalf("%v", err)
	}
	_, err = parse(t, strings.Replace(sheets, "{encoding: windows-1252,", "{sheet: May, encoding: windows-1252,", 1))
	if err == nil || !strings.Contains(err.Error(), "svw.yaml:26:25: sheets of the source says already which sheets are read: keep one of the two") {
		t.Errorf("got %v", err)
	}
}
