# Each target sets up .venv by itself, from nothing but python3 and a package index; a second run finds it ready.
#   make PYTHON=python3.13 test        another interpreter for a new .venv
#   make demo PORT=8001 FILE=mine.db   another port and another database file
#   make test ARGS='--long -k crash'   arguments for pytest

PYTHON ?= python3
PORT ?= 8000
FILE ?= planner.db
ARGS ?=

IN_VENV := .venv/bin
INSTALL := $(IN_VENV)/python -m pip --disable-pip-version-check --quiet --quiet install --constraint constraints.txt

.PHONY: help demo test check format-check lint pyright mypy ty architecture completeness bench format constraints clean

help:
	@echo "make demo    start the event planner on http://127.0.0.1:$(PORT)"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types, architecture"
	@echo "make bench   measure Tabor beside its peers"
	@echo "make format  format the code"
	@echo "make clean   remove .venv and caches"

demo: .venv/.demo
	@PYTHONPATH=examples exec $(IN_VENV)/python -m planner --port $(PORT) --file "$(FILE)"

test: .venv/.dev
	@$(IN_VENV)/python -m pytest $(ARGS)

check: format-check lint pyright mypy ty architecture completeness

format-check: .venv/.dev
	@echo "Format: ruff format --check"
	@$(IN_VENV)/ruff format --quiet --check .

lint: .venv/.dev
	@echo "Lint: ruff check"
	@$(IN_VENV)/ruff check --quiet .

pyright: .venv/.dev
	@echo "Types: pyright, strict"
	@$(IN_VENV)/pyright

mypy: .venv/.dev
	@echo "Types: mypy, strict"
	@$(IN_VENV)/mypy --no-error-summary

ty: .venv/.dev
	@echo "Types: ty, on a file of typical use"
	@$(IN_VENV)/ty check --quiet

architecture: .venv/.dev
	@echo "Architecture: rooms, cycles, budgets"
	@$(IN_VENV)/python -m pytest --quiet --no-header tests/test_architecture.py

completeness: .venv/.dev
	@echo "Type completeness of the public surface"
	@$(IN_VENV)/python scripts/completeness.py

bench: .venv/.bench
	@$(IN_VENV)/python -m benchmarks $(ARGS)

format: .venv/.dev
	@$(IN_VENV)/ruff format --quiet .
	@$(IN_VENV)/ruff check --quiet --fix .

constraints: .venv/.ready
	@$(IN_VENV)/python scripts/constraints.py

clean:
	@echo "Removing .venv, caches and build output"
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find src tests examples benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps below are touched last, so that an interrupted installation starts again.

.venv/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Tabor needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
			"name another one: make PYTHON=python3.13" >&2; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv || { \
		echo "$(PYTHON) cannot create a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(INSTALL) pip
	@touch $@

.venv/.demo: .venv/.ready pyproject.toml constraints.txt
	@echo "Installing Tabor with what the demo needs"
	@$(INSTALL) --editable '.[auth,web]'
	@touch $@

.venv/.dev: .venv/.ready pyproject.toml constraints.txt
	@echo "Installing Tabor with what its checks and tests need"
	@$(INSTALL) --editable '.[all]' --group dev
	@touch $@

.venv/.bench: .venv/.ready pyproject.toml constraints.txt
	@echo "Installing Tabor with the peers that it is measured against"
	@$(INSTALL) --editable '.[all]' --group bench
	@touch $@
