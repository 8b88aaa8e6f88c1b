PYTEST_PROCESSES = -n 2 --dist loadfile
# `make quickstart` and `make test` need python3 (3.10 or newer) with venv, and nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install quickstart compare test test-paddle26 lint soak bench simulate simulate-looks audit clean

help:
	@echo "make quickstart     train four modes on the built-in images and draw the curves"
	@echo "make compare DATA=path/to/class_folders    which augmentation helps on these images; says how to go on"
	@echo "make test           linters and all tests"
	@echo "make test-paddle26  all tests with Paddle 2.6.2, the oldest that is supported"
	@echo "make lint           ruff and mypy"
	@echo "make soak           hundreds of faults that a run must survive, write docs/reliability.md (6 minutes, 2 cores)"
	@echo "make bench          measure the goals of speed, write docs/performance.md (15 minutes; peers need 7 GB)"
	@echo "make simulate       how often a verdict is wrong in made-up nights, write docs/verdict.md"
	@echo "make simulate-looks what a night costs that ends when it is decided, write docs/verdict.md (20 minutes)"
	@echo "make audit          known weaknesses of the pinned packages"
	@echo "make clean          remove the environments (not logs/)"

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("python3 is %d.%d; 3.10 or newer is needed" % sys.version_info[:2] if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -c constraints.txt -e '.[cpu,dev]'
	@touch $@

# The modes of the article's second part; docs/recipes.md has the others.
QUICKSTART = none userDef samplePairing mixup

quickstart: install
	$(BIN)/python train.py --config $(QUICKSTART:%=configs/quickstart_%.yaml) --jobs 2
	$(BIN)/python plot_curves.py logs/

# The commands that it prints need no make.
compare: install
	@$(BIN)/python compare.py $(if $(DATA),"$(DATA)")

test: install lint
	$(BIN)/python -m pytest $(PYTEST_PROCESSES)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The oldest Paddle that is supported, in an environment of its own.
test-paddle26: .venv-paddle26/.installed
	.venv-paddle26/bin/python -m pytest $(PYTEST_PROCESSES)

.venv-paddle26/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-paddle26
	sed 's/^paddlepaddle==.*/paddlepaddle==2.6.2/' constraints.txt > .venv-paddle26/constraints.txt
	.venv-paddle26/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-paddle26/constraints.txt -e '.[cpu,dev]'
	@touch $@

soak: install
	$(BIN)/python -m tests.reliability.soak

simulate: install
	$(BIN)/python -m benchmarks.simulate

simulate-looks: install
	$(BIN)/python -m benchmarks.simulate_looks

# Strict: a service that knows none of the packages, must not look like a pass.
audit: .venv-audit/.installed
	@.venv-audit/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r constraints.txt || { \
		echo "make audit: either weaknesses are listed above, or the audit service could not be asked:" \
			"then compare these versions with docs/security.md by hand"; \
		grep -iE '^(numpy|opencv|paddlepaddle|pillow|pydantic|pyyaml)' constraints.txt; exit 1; }

.venv-audit/.installed:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7'
	@touch $@

bench: install .venv-bench/.installed
	$(BIN)/python -m benchmarks.bench

# What we are compared with. imgaug brings opencv-python, whose files lie over those of the headless build.
.venv-bench/.installed: benchmarks/requirements.txt pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	grep -v '^#' benchmarks/requirements.txt | while read -r peer; do \
	    .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$peer" </dev/null \
	        || echo "left out of the comparison, as it cannot be installed: $$peer"; \
	done
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	    --force-reinstall --no-deps opencv-python-headless
	@touch $@

clean:
	rm -rf $(VENV) .venv-paddle26 .venv-audit .venv-bench .pytest_cache .mypy_cache .ruff_cache *.egg-info
