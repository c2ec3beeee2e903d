# `make demo` and `make check` each work as the first command after `git clone`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BENCH_STAMP := .venv-bench/.installed
PEER_STAMPS := $(patsubst benchmarks/peers/requirements-%.lock,.venv-peers/%/.installed,\
	$(wildcard benchmarks/peers/requirements-*.lock)) .venv-peers/ger/.installed
STORY := a001975
COMPILE := uv pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: help install demo check format lint types imports test spark docs lock clean
.PHONY: bench bench-quick bench-compare peers
.DEFAULT_GOAL := help

help: ## Explain every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

install: $(STAMP) ## Build ./.venv from the committed lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ymal needs Python 3.11 or later; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install ## Simulate a news site, train on it, print one story's list, draw its page
	$(BIN)/ymal simulate --out demo
	$(BIN)/ymal train --config demo/ymal.toml
	@sed -nE 's/^\{"id":"$(STORY)","title":"([^"]*)".*/\nYou may also like, under "\1":/p' demo/articles.jsonl
	@$(BIN)/ymal related $(STORY) --config demo/ymal.toml
	@printf '\nThe artifact lies in demo/artifacts, the page of that story, to look at, in '
	@$(BIN)/ymal page $(STORY) --config demo/ymal.toml --html demo/page.html

check: install ## Format, lint, types, import rules, tests
	@$(MAKE) --no-print-directory --jobs=2 lint types imports test

format: install ## Rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install ## Format and lint, nothing is changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install ## mypy --strict
	$(BIN)/mypy

imports: install ## The rooms and floors that pyproject.toml names
	$(BIN)/lint-imports

test: install ## All tests, three at a time, since on two cores some only wait
	$(BIN)/python -m pytest -n 3 --dist worksteal

spark: install ## Spark into ./.venv, half a gigabyte, so that its tests are not skipped
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock

docs: install ## Generate docs/config.md, docs/cli.md and docs/errors.md from the code
	$(BIN)/python -m docs.generate

bench: install $(BENCH_STAMP) ## Speed beside others, an hour at most; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.speed

bench-quick: install $(BENCH_STAMP) ## The same for the newswire alone
	$(BIN)/python -m benchmarks.speed --quick

bench-compare: install ## Speed beside that of another commit, BASE=COMMIT
	@test -n "$(BASE)" || { echo "name the commit to compare with: make bench-compare BASE=COMMIT"; exit 2; }
	$(BIN)/python -m benchmarks.speed.compare $(BASE)

peers: install $(BENCH_STAMP) $(PEER_STAMPS) ## Recommenders of others in the replay; writes docs/peers.md
	$(BIN)/python -m benchmarks.proof

$(BENCH_STAMP): requirements-bench.lock
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $(BENCH_STAMP)

.venv-peers/%/.installed: benchmarks/peers/requirements-%.lock
	$(PYTHON) -m venv .venv-peers/$*
	.venv-peers/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv-peers/ger/.installed: benchmarks/peers/ger/package.json benchmarks/peers/ger/package-lock.json
	@command -v npm > /dev/null || { echo "make peers needs node and npm, for the engine GER"; exit 2; }
	mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --silent --ignore-scripts --no-audit --no-fund --prefix $(@D)
	@touch $@

lock: ## Compile the locks anew (needs uv on the path)
	$(COMPILE) pyproject.toml --extra dev --extra build --extra serve -o requirements.lock
	$(PYTHON) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*project["optional-dependencies"]["serve"], sep="\n")' \
		| $(COMPILE) - --constraints requirements.lock -o requirements-serve.lock
	echo 'pyspark>=4,<5' | $(COMPILE) - --constraints requirements.lock -o requirements-spark.lock
	$(COMPILE) --group bench --constraints requirements.lock -o requirements-bench.lock
	$(COMPILE) --group rectools -o benchmarks/peers/requirements-rectools.lock
	$(COMPILE) --group lenskit -o benchmarks/peers/requirements-lenskit.lock

clean: ## Remove what was built
	rm -rf .venv .venv-bench .venv-peers .proof demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
