# One front door for people and CI. Each target installs what it needs, says
# what it does, and fails with one clear line.
.DEFAULT_GOAL := help
CARGO := cargo
# One build serves tests, stories and benches.
PROFILE := --release

.PHONY: help test check crash

help: ## List the targets.
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## Install what is missing and run all the tests.
	@.ci/install build
	@echo "cardfile: Rust tests"
	$(CARGO) test $(PROFILE) --workspace --locked

check: ## Formatting, lints and documentation.
	@.ci/install build
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(PROFILE) --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

crash: ## Kill imports and edits at 200 random points and check what is left.
	@.ci/install build
	CARDFILE_KILL_POINTS=200 $(CARGO) test $(PROFILE) --locked -p cardfile-testkit --test suite crash -- --nocapture

bindings: ## Write the TypeScript side of the command table.
	@.ci/install build
	CARDFILE_ACCEPT=1 $(CARGO) test $(PROFILE) --locked -p cardfile-testkit --test suite bindings
