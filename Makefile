# Every target works on a machine that has only Python 3.11 or newer and make:
# it makes .venv, installs the pinned and hashed requirements once, and runs.

PYTHON ?= python3
DEMO ?= demo
# Processes that run tests at once; 0 runs them in one, where a debugger can stop.
WORKERS ?= auto

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
# Words of the code and its slips on purpose, not mistakes: the Nam in a name, a retrieved stem, a typo in an example,
# words and phrases of other languages, the metric ROUGE, the Faroe Islands.
SPELLED := README.md CONTRIBUTING.md CHANGELOG.md docs src examples

.PHONY: help demo test check format bench lock clean

help:
	@echo "make demo    run the example project and see its decision and report (folder: $(DEMO))"
	@echo "make test    run every test"
	@echo "make check   format, lint, types, import contracts, spelling, docs"
	@echo "make format  put the code into its form"
	@echo "make bench   speed beside the peers that are installed (docs/benchmarks.md)"
	@echo "make lock    pin the requirements anew (needs a package index)"
	@echo "Another Python: make test PYTHON=python3.13"

demo: $(VENV)/.project
	@$(BIN)/passmuster demo $(DEMO)

test: $(VENV)/.dev $(VENV)/.project
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: $(VENV)/.dev $(VENV)/.project
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell --ignore-words-list nam,retriev,acuracy,whats,worstcase,te,paket,ist,ignora,fo,numer,mot,responde,rouge,nd,zar \
	  --skip "*/words.py,*/extraction/dates.py,*/stats/porter.py" $(SPELLED)
	$(BIN)/python -m pytest -q tests/house

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.project
	@for words in "run.py" "run.py --concurrency 256 --delay 0.02" "startup.py"; do \
	  $(BIN)/python benchmarks/$$words $(ARGS) || odd=1; done; exit $${odd:-0}

# A stamp is newer than the file that it answers for: a second run installs nothing.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "passmuster needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

$(VENV)/.runtime: requirements/runtime.txt | $(BIN)/python
	@echo "Installing what passmuster needs into $(VENV) (once) ..." >&2
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what its tests need into $(VENV) (once) ..." >&2
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# Run it with the oldest Python that is supported: pins must suit all of them.
lock: $(VENV)/.dev
	$(COMPILE) --output-file requirements/runtime.txt pyproject.toml requirements/runtime.in
	$(COMPILE) --output-file requirements/dev.txt requirements/dev.in

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
