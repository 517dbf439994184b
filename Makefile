# The front door. Every target sets itself up; `make demo` and `make test` are all a newcomer needs.
# Uses uv where it is installed, `python -m venv` and pip else; both install the same lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell command -v uv 2>/dev/null)
TESTS ?= tests
WORKERS ?= 2

.PHONY: setup demo test check docs bench campaign generate lock clean

setup: $(READY)

$(READY): pyproject.toml requirements.lock
ifdef UV
	uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	uv pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
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
	$(BIN)/pyright
	$(BIN)/interrogate src

docs: $(READY)
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(READY)
	$(BIN)/python benchmarks/run.py

campaign: $(READY)
	$(BIN)/python -m pytest -m campaign --timeout 7200 $(TESTS)

generate: $(READY)
	$(BIN)/python -m tieline.tools.generate

lock:
	uv pip compile pyproject.toml --all-extras --group test --group lint --group docs --group bench \
	  --universal --generate-hashes --quiet --no-header --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
