# One front door for people and CI. Each target installs what it needs, says
# what it does, and fails with one clear line.
.DEFAULT_GOAL := help
CARGO := cargo
# One build serves tests, stories and benches: each names the whole workspace,
# because fewer packages would mean other features, and building them all again.
PROFILE := --release
STORIES := $(wildcard tests/stories/*.test.mjs)
PAGES := ui/index.html ui/package.json ui/vite.config.ts ui/lingui.config.js ui/tsconfig.json $(shell find ui/src -type f -not -name '*.test.ts*')

.PHONY: help run test check stories screenshots live bench crash erasure dsar backups damage upgrades keys files sim bindings words build ui

help: ## List the targets.
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Install what is missing, build, and open the app.
	@node tests/stories/run.mjs

test: build ## Install what is missing and run all the tests.
	@echo "cardfile: Rust tests"
	$(CARGO) test $(PROFILE) --workspace --lib --bin cardfile --test suite --locked
	@echo "cardfile: sync runs in a simulator, 20,000 of them and 5,000 over manifests"
	$(CARGO) test $(PROFILE) --workspace --test sim --locked -- --nocapture
	@echo "cardfile: what must not compile"
	$(CARGO) test $(PROFILE) --workspace --doc --locked
	@echo "cardfile: tests of the pages"
	cd ui && npm run --silent test
	@$(MAKE) --no-print-directory live
	@$(MAKE) --no-print-directory stories

stories: build ## The stories in the real window, on a virtual display.
	@echo "cardfile: stories in the real window"
	node --test --test-concurrency=1 $(STORIES)

screenshots: build ## Run the stories and keep their pictures in assets/screenshots.
	CARDFILE_SCREENSHOTS=$(CURDIR)/assets/screenshots node --test --test-concurrency=1 $(STORIES)

build: ui
	@echo "cardfile: building the window and the command line (some minutes the first time)"
	$(CARGO) build $(PROFILE) --workspace --locked

ui:
	@.ci/install window
	@$(MAKE) --no-print-directory ui/dist/index.html

# Only when a page changed: the window embeds them, and would be built again.
ui/dist/index.html: $(PAGES)
	@echo "cardfile: building the pages of the window"
	@cd ui && npm install --no-audit --no-fund --loglevel=error && npm run --silent build

check: ui ## Formatting, lints, types and documentation.
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(PROFILE) --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(PROFILE) --workspace --no-deps --locked
	cd ui && npm run --silent check

bench: ## Measure the engine at 1,000,000 contacts and sync at 100,000 cards beside floors and peers (BENCH_ONLY=engine, gateway, sync or vendors, BENCH_ROWS, BENCH_CARDS, BENCH_SYNC_CARDS, BENCH_PAIRS; of vendors' systems BENCH_PULLED and BENCH_PUSHED).
	@.ci/install bench
	@case "$(BENCH_ONLY)" in engine|gateway|vendors) ;; *) .ci/install peers ;; esac
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 BENCH_OUT=$(CURDIR)/target/bench $(CARGO) bench --locked --workspace --bench speed

crash: ## Kill imports and edits at 200 random points and check what is left.
	@.ci/install build
	CARDFILE_KILL_POINTS=200 $(CARGO) test $(PROFILE) --locked --workspace --test suite crash -- --nocapture

erasure: ## Erase 1,000 people and look for their words in every byte that is left; tell servers in every mood.
	@.ci/install build
	CARDFILE_ERASED=1000 $(CARGO) test $(PROFILE) --locked --workspace --test suite -- privacy_residue privacy_delivery --nocapture

backups: build ## Back up and restore BACKUP_ROWS contacts (500,000) while others write, and damaged backups.
	BACKUP_ROWS=$(or $(BACKUP_ROWS),500000) $(CARGO) test $(PROFILE) --locked --workspace --test suite backups:: -- --nocapture

damage: build ## Damage a workspace DAMAGES times (1,000) and show that each is found before anything wrong is shown.
	DAMAGES=$(or $(DAMAGES),1000) $(CARGO) test $(PROFILE) --locked --workspace --test suite damage:: -- --nocapture

upgrades: build ## Kill UPGRADE_POINTS upgrades (50) of older workspaces: the old file or the new one is left.
	UPGRADE_POINTS=$(or $(UPGRADE_POINTS),50) $(CARGO) test $(PROFILE) --locked --workspace --test suite upgrades:: -- --nocapture

keys: build ## Encryption, lost and changed keychains, renewed codes and keys, the lock that closes by itself.
	$(CARGO) test $(PROFILE) --locked --workspace --test suite -- keys:: idle:: workspace::

files: build ## Files are for their owner only, and none is in the shared folder.
	$(CARGO) test $(PROFILE) --locked --workspace --test suite private_files::

live: build ## Sync with Radicale, Xandikos, vdirsyncer, PostgreSQL and Datasette, show to Prism what vendors are sent, and the door to Schemathesis, PyJWT and the MCP SDK of Python.
	@.ci/install peers
	@echo "cardfile: sync with Radicale, Xandikos, vdirsyncer, PostgreSQL and Datasette, the door before Schemathesis, PyJWT and the MCP SDK of Python"
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 $(CARGO) test $(PROFILE) --workspace --test live --locked

sim: ## Run SCHEDULES sync runs in the simulator (a million), DESCRIBED over manifests (100,000) and ENCRYPTED over the file (20,000), and show that every broken rule is noticed.
	@.ci/install build
	SCHEDULES=$(or $(SCHEDULES),1000000) DESCRIBED=$(or $(DESCRIBED),100000) ENCRYPTED=$(or $(ENCRYPTED),20000) $(CARGO) test $(PROFILE) --locked --workspace --features cardfile-testkit/mutants --test sim -- --nocapture --test-threads=1

dsar: ## Answer access requests, one of a person with everything, and look at the answers with programs of others.
	@.ci/install build
	@.ci/install privacy
	$(CARGO) build $(PROFILE) --locked --workspace --bin cardfile
	DSAR_OUT=$(CURDIR)/target/dsar $(CARGO) test $(PROFILE) --locked --workspace --test suite privacy_ -- --nocapture
	target/privacy/bin/python .ci/validate target/dsar/*.zip

bindings: ## Write the TypeScript side of the command table, the sentences of the engine, and the document of the door.
	@.ci/install build
	CARDFILE_ACCEPT=1 $(CARGO) test $(PROFILE) --locked --workspace --test suite -- bindings the_kept_document

words: bindings ## Bring the catalogues up to date; what is untranslated in ui/src/text/*.po is empty.
	cd ui && npm install --no-audit --no-fund --loglevel=error && npm run --silent words
