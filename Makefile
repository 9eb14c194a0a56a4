# Two commands are all a newcomer needs: `make demo` and `make test`.
# Each creates .venv on first use and reuses it afterwards.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
EXTRAS ?= dev

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export JUPYTER_PLATFORM_DIRS := 1
export PYTHONHASHSEED := 0

.DEFAULT_GOAL := help
.PHONY: help demo start test check format lint types notebooks bench soak lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Skill Map needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

demo: $(READY) ## grade the bundled sample learners end to end and say where to look
	$(BIN)/skillmap demo

start: $(READY) ## a learner's workspace in ./workspace, and JupyterLab on it
	$(BIN)/skillmap start --dir workspace

test: $(READY) ## the tests, notebooks and browser included, on every core
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup

check: format lint types test ## everything that must be green before a commit lands
	$(BIN)/skillmap verify
	$(BIN)/skillmap build --check

format: $(READY) ## is the code formatted?
	$(BIN)/ruff format --check course tests benchmarks source solver

lint: $(READY) ## ruff's rules
	$(BIN)/ruff check course tests benchmarks source solver

types: $(READY) ## mypy, strict
	$(BIN)/mypy

notebooks: $(READY) ## nbval over source and release notebooks
	$(BIN)/python -m pytest tests/test_notebooks.py

bench: $(READY) ## benchmarks, long forms included
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

soak: $(READY) ## the long tests: fifty kills, and 300 submissions by nbgrader and by us
	SKILLMAP_SOAK=1 $(BIN)/python -m pytest tests/cohort/test_kills.py tests/cohort/test_same_scores.py

lock: $(READY) ## resolve constraints.txt anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --all-extras --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 pyproject.toml -o constraints.txt

clean: ## remove what can be made again (never workspace/ or submitted/)
	rm -rf $(VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
