# `make quickstart` and `make test` need python3 (3.10 or newer) with venv, and nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install quickstart test test-paddle26 lint clean

help:
	@echo "make quickstart     train all four modes on the built-in images and draw the curves"
	@echo "make test           linters and all tests"
	@echo "make test-paddle26  the tests without the slow ones, with Paddle 2.6.2"
	@echo "make lint           ruff and mypy"
	@echo "make clean          remove the environments (not logs/)"

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("python3 is %d.%d; 3.10 or newer is needed" % sys.version_info[:2] if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -c constraints.txt -e '.[cpu,dev]'
	@touch $@

quickstart: install
	$(BIN)/python train.py --config configs/quickstart_*.yaml --jobs 2
	$(BIN)/python plot_curves.py logs/

test: install lint
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The oldest Paddle that is supported, in an environment of its own.
test-paddle26: .venv-paddle26/.installed
	.venv-paddle26/bin/python -m pytest -m 'not slow'

.venv-paddle26/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-paddle26
	sed 's/^paddlepaddle==.*/paddlepaddle==2.6.2/' constraints.txt > .venv-paddle26/constraints.txt
	.venv-paddle26/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-paddle26/constraints.txt -e '.[cpu,dev]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-paddle26 .pytest_cache .mypy_cache .ruff_cache *.egg-info
