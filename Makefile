# `make demo` and `make check` each work as the first command after `git clone`.
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
BENCH_STAMP := .venv-bench/.installed
PEER_STAMPS := $(patsubst locks/requirements-peer-%.lock,.venv-peers/%/.installed,$(wildcard locks/requirements-peer-*.lock))
# The pip of the system's Python fills each environment: a pip of its own would take 4 s and 25 MB.
# Python compiles what is imported, a third of what is installed.
VENV := $(PYTHON) -m venv --without-pip
PIP := $(PYTHON) -m pip --disable-pip-version-check --python
INSTALL := install --quiet --no-compile
STORY := a001975
SEED ?= $(or $(YMAL_SEED),0)
COMPILE := uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

# A command, and the seconds that it took.
timed = @start=$$(date +%s); $(1) && printf '%5d s  %s\n' $$(($$(date +%s) - start)) $@

.PHONY: help install demo develop check format lint types imports test spark docs lock clean
.PHONY: bench bench-quick bench-compare peers
.DEFAULT_GOAL := help

help: ## Explain every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

install: $(RUN_STAMP) ## Install what runs into ./.venv, 500 MB

$(RUN_STAMP): locks/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ymal needs Python 3.11 or later; set PYTHON=")'
	@$(PYTHON) -m pip --version > /dev/null || { echo "$(PYTHON) has no pip; install it, or set PYTHON="; exit 2; }
	$(VENV) .venv
	$(PIP) $(BIN)/python $(INSTALL) --require-hashes -r $<
	$(PIP) $(BIN)/python $(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## Simulate a news site, train on it, print one story's list, draw its page
	$(BIN)/ymal simulate --out demo
	$(BIN)/ymal train --config demo/ymal.toml
	@sed -nE 's/^\{"id":"$(STORY)","title":"([^"]*)".*/\nYou may also like, under "\1":/p' demo/articles.jsonl
	@$(BIN)/ymal related $(STORY) --config demo/ymal.toml
	@printf '\nThe artifact is in demo/artifacts. The page of that story, to open in a browser: '
	@$(BIN)/ymal page $(STORY) --config demo/ymal.toml --html demo/page.html

develop: $(DEV_STAMP) ## Add to ./.venv what serves, reports, tests and checks, 700 MB

$(DEV_STAMP): locks/requirements-dev.lock $(RUN_STAMP)
	$(PIP) $(BIN)/python $(INSTALL) --require-hashes -r $<
	@touch $@

check: develop ## Format, lint, types, import rules, tests
	@$(MAKE) --no-print-directory --jobs=2 lint types imports test

format: develop ## Rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: develop ## Check format and lint, change nothing
	$(call timed,$(BIN)/ruff format --check . && $(BIN)/ruff check .)

types: develop ## Run mypy --strict
	$(call timed,$(BIN)/mypy)

imports: develop ## Check the layers that pyproject.toml names
	$(call timed,$(BIN)/lint-imports)

test: develop ## Run all tests, three at a time, in an order and with examples drawn from SEED=0
	$(call timed,YMAL_SEED=$(SEED) $(BIN)/python -m pytest -n 3 --dist worksteal)

spark: develop ## Add Spark to ./.venv, 490 MB, so that its tests are not skipped
	$(PIP) $(BIN)/python $(INSTALL) --require-hashes -r locks/requirements-spark.lock

docs: develop ## Generate docs/config.md, docs/cli.md and docs/errors.md from the code
	$(BIN)/python -m docs.generate

bench: install $(BENCH_STAMP) ## Compare speed with other packages, up to an hour; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.speed

bench-quick: install $(BENCH_STAMP) ## Run the part of bench that needs the newswire alone
	$(BIN)/python -m benchmarks.speed --quick

bench-compare: install ## Compare speed with another commit's, BASE=COMMIT
	@test -n "$(BASE)" || { echo "name the commit to compare with: make bench-compare BASE=COMMIT"; exit 2; }
	$(BIN)/python -m benchmarks.speed.compare $(BASE)

peers: install $(BENCH_STAMP) $(PEER_STAMPS) ## Replay other packages' recommenders; writes docs/peers.md
	$(BIN)/python -m benchmarks.proof

$(BENCH_STAMP): locks/requirements-bench.lock
	$(VENV) .venv-bench
	$(PIP) .venv-bench/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

.venv-peers/%/.installed: locks/requirements-peer-%.lock
	$(VENV) .venv-peers/$*
	$(PIP) .venv-peers/$*/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

lock: ## Compile all locks anew (needs uv on the path)
	$(COMPILE) pyproject.toml --extra dev --extra build --extra serve --extra report -o locks/requirements-dev.lock
	$(COMPILE) pyproject.toml --extra build --group demo -c locks/requirements-dev.lock -o locks/requirements.lock
	$(PYTHON) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*project["optional-dependencies"]["serve"], sep="\n")' \
		| $(COMPILE) - -c locks/requirements-dev.lock -o locks/requirements-serve.lock
	echo 'pyspark>=4,<5' | $(COMPILE) - -c locks/requirements-dev.lock -o locks/requirements-spark.lock
	$(COMPILE) --group bench -c locks/requirements-dev.lock -o locks/requirements-bench.lock
	for peer in rectools lenskit; do $(COMPILE) --group $$peer -o locks/requirements-peer-$$peer.lock; done

clean: ## Remove what was built
	rm -rf .venv .venv-bench .venv-peers .proof demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
