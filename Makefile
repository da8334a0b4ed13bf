# The commands of this project. `make` alone lists them.

GO       ?= go
TAGS     := duckdb_arrow
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null)
BIN      := bin/svw

# The linter is pinned here, built once, and kept under bin/tools.
LINT_VERSION := v2.15.0
LINT         := bin/tools/golangci-lint-$(LINT_VERSION)

# DuckDB is C++.
export CGO_ENABLED := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/svw
	$(GO) build -tags $(TAGS) -ldflags '-X main.version=$(VERSION)' -o $(BIN) ./cmd/svw

.PHONY: demo
demo: build ## make a site in var/demo and run the whole flow on the built-in fixtures
	$(BIN) demo var/demo

.PHONY: test
test: deps ## run every test
	$(GO) test -tags $(TAGS) -timeout 30m ./...

# The long tests are those with the build tag accept. How often they repeat is said by flags of theirs:
#   make accept PACKAGES=./internal/run ARGS='-kills 500'
PACKAGES ?= ./...
ARGS     ?=
.PHONY: accept
accept: deps ## run the long tests, and the others far from London (PACKAGES=, ARGS=)
	$(GO) test -tags $(TAGS),accept -timeout 80m $(PACKAGES) $(if $(ARGS),-args $(ARGS))
	TZ=America/New_York $(GO) test -count=1 -tags $(TAGS) -timeout 30m $(PACKAGES)

# The driver of 2024 is a large download in a module of its own, so this is no part of make test.
COMPAT ?= var/demo/warehouse/releases/current/open/social_value_open.duckdb
.PHONY: test-compat
test-compat: ## open a release with the client of DuckDB 1.1 (COMPAT=FILE.duckdb)
	GO='$(GO)' sh .ci/compat '$(COMPAT)'

# Programs that analysts have: pandas, polars and DuckDB for Python, LibreOffice. Those that are not at hand are passed over,
# so this is no part of make test. PYTHON names another python3.
RELEASE ?= var/demo/warehouse/releases/current
.PHONY: test-clients
test-clients: ## open a release with pandas, polars, DuckDB for Python, LibreOffice (RELEASE=FOLDER)
	$(GO) test -tags $(TAGS),clients -count=1 -v -run '^TestClients$$' ./cmd/svw -args -release '$(abspath $(RELEASE))'

# Every parser has a fuzz target. They run one after the other, each for this long, on PARALLEL processors.
TIME     ?= 10s
PARALLEL ?= 1
.PHONY: fuzz
fuzz: deps ## run every fuzz target in turn (TIME=10m, PARALLEL=1, PACKAGES=)
	@set -e; dirs=$$($(GO) list -tags $(TAGS) -f '{{.Dir}}' $(PACKAGES)); \
	grep -H '^func Fuzz' $$(find $$dirs -maxdepth 1 -name '*_test.go') | sort | \
	sed 's|^\(.*\)/[^/]*:func \(Fuzz[A-Za-z0-9]*\)(.*|\1 \2|' | while read -r dir target; do \
		echo "== $$dir $$target"; \
		(cd "$$dir" && $(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(TIME) -parallel $(PARALLEL) .); \
	done

.PHONY: bench
bench: deps ## run the benchmarks (PACKAGES=, ARGS=)
	$(GO) test -tags $(TAGS) -timeout 0 -run '^$$' -bench . -benchmem $(PACKAGES) $(if $(ARGS),-args $(ARGS))

.PHONY: check
check: $(LINT) ## say what is wrong with format, vet and lint
	$(LINT) fmt --diff
	$(GO) vet -tags $(TAGS) ./...
	$(LINT) run

.PHONY: lint
lint: $(LINT) ## lint alone
	$(LINT) run

.PHONY: fmt
fmt: $(LINT) ## format the Go code
	$(LINT) fmt

.PHONY: fixtures
fixtures: build ## generate the fixtures anew, from their seed
	$(BIN) fixtures generate fixtures/spend
	$(BIN) fixtures generate fixtures/people --kind people
	$(BIN) fixtures travel fixtures/travel
	$(BIN) fixtures generate fixtures/housingfirst --kind housingfirst
	$(BIN) fixtures generate fixtures/skills --kind skills
	$(BIN) fixtures generate fixtures/impact --kind impact

# Packages with golden files define a flag -update. Only the test of each that writes them is run, in this order, since
# the fixtures make the release and the release makes the dictionary: package=test.
GOLDEN := internal/fixtures/spend=TestCommittedSpendIsReproduced internal/fixtures/staff=TestCommittedStaffIsReproduced \
	internal/fixtures/travel=TestFixturesAreReproduced internal/fixtures/housingfirst=TestCommittedPeopleAreReproduced \
	internal/fixtures/skills=TestCommittedPeopleAreReproduced internal/fixtures/impact=TestCommittedProposalsAreReproduced \
	internal/model=TestBadProjects internal/run=TestDemo$$/^golden cmd/svw=TestDemonstration
.PHONY: golden
golden: deps ## write the golden files anew, to be read as a diff
	@for package in $$(grep -rl --include='*_test.go' 'flag.Bool("update"' cmd internal pipelines | xargs -n 1 dirname | sort -u); do \
		case ' $(GOLDEN) ' in *" $$package="*) ;; *) echo "$$package has golden files: name its test in GOLDEN of the Makefile"; exit 1;; esac; \
	done
	@set -ex; for golden in $(GOLDEN); do \
		$(GO) test -count=1 -tags $(TAGS) "./$${golden%%=*}" -run "^$${golden#*=}\$$" -update; \
	done

.PHONY: dist
dist: ## make the Linux tarball and its checksum in dist/
	VERSION='$(VERSION)' TAGS=$(TAGS) GO=$(GO) sh .ci/dist

.PHONY: deps
deps: ## install what building and testing need, or say which command does
	@sh .ci/deps

.PHONY: clean
clean: ## remove what was built; bin/tools stays
	rm -rf $(BIN) dist

$(LINT):
	GOBIN='$(CURDIR)/bin/tools' CGO_ENABLED=0 $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/tools/golangci-lint $@
