# The front door. Every target sets itself up; `make demo` and `make test` are all a newcomer needs.
# uv is used where it is installed, `python -m venv` and pip else; both install the same lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV ?= $(shell command -v uv 2>/dev/null)
TESTS ?= tests
WORKERS ?= 2
OLD_PYTHON := "$(PYTHON) is older than 3.11: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"

.DEFAULT_GOAL := help
.PHONY: help setup demo test check docs bench campaign mutation generate readme consoles lock audit-deps clean

help:
	@echo "make demo        the main job, every system once, on an embedded emulator"
	@echo "make test        the test suite, campaigns apart"
	@echo "make check       format, lint, architecture, types, docstrings"
	@echo "make docs        the documentation site"
	@echo "make bench       benchmarks, with the peers in the same run"
	@echo "make campaign    long crash, fuzz, property and mutation campaigns"
	@echo "make mutation    how many changes to the rules the tests notice; ARGS='evaluate --sample 10'"
	@echo "make generate    generated code and reference pages"
	@echo "make readme      the demo's real output into the README"
	@echo "make consoles    real output into the how-to pages that show a terminal"
	@echo "make lock        the newest versions into requirements.lock"
	@echo "make audit-deps  known vulnerabilities of what is locked"

setup: $(READY)

# The lock and the list of dependencies decide what is in the environment, so a change of either
# rebuilds it; an interrupted set-up leaves no .ready and starts over.
$(READY): pyproject.toml requirements.lock
ifneq ($(UV),)
	@echo "setting up $(VENV) with uv, once"
	@$(UV) venv --quiet --clear --python '>=3.11' $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	@echo "setting up $(VENV) with pip, once; this takes some minutes"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo $(OLD_PYTHON); exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif
	@touch $@

demo: $(READY)
	@$(BIN)/tieline demo

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not campaign" $(TESTS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(READY)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(READY)
	$(BIN)/python benchmarks/run.py

campaign: $(READY)
	$(BIN)/python -m pytest -m campaign --timeout 7200 $(TESTS)
	$(BIN)/python tools/mutation.py --workers $(WORKERS)

mutation: $(READY)
	$(BIN)/python tools/mutation.py --workers $(WORKERS) $(ARGS)

generate: $(READY)
	$(BIN)/python tools/generate.py

readme: $(READY)
	$(BIN)/python tools/readme_demo.py

consoles: $(READY)
	$(BIN)/python tools/console_pages.py

lock:
	uv pip compile pyproject.toml --all-extras --group test --group lint --group docs --group bench \
	  --universal --generate-hashes --quiet --no-header --upgrade -o requirements.lock

audit-deps: $(READY)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict

clean:
	rm -rf $(VENV) mutants docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
