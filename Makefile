# Two commands do all the set-up: `make book` and `make test`. Both need Python 3.11 to 3.14 and make, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
# One thread each: several chapters run at once, and small problems are slower with more.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
# Text is UTF-8 whatever the locale.
export PYTHONUTF8 ?= 1
# What was compiled is kept: pytest takes ten seconds of each process to compile the tests.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help book test check lab verify accept bench mutants pdf reproducible certify lint lock clean environment

VENV := .venv
RUN := $(VENV)/bin/python -m
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && { echo "$$p"; break; }; done)

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

environment:  ## make this folder's own environment in .venv, or bring it up to date
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 to 3.14 was not found; install it, or name it: make book PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" book/compendium/run/bootstrap.py

book: environment  ## execute what changed and build the site; says where it is
	@$(RUN) compendium build

# Tests that share a page or a small book stay together; what takes longest begins first.
PYTEST := $(RUN) pytest -n auto --dist loadscope --no-loadscope-reorder

test: book  ## run the checks of the code and the tests, each story of the browser on a few pages
	@$(RUN) ruff check --quiet . && $(RUN) ruff format --check --quiet .
	@$(RUN) mypy --no-error-summary & typed=$$!; $(PYTEST) -m "not check"; tested=$$?; wait $$typed && exit $$tested

check: book  ## run what takes longer: every page in the browser, JupyterLab, and with npm the HTML validator
	@$(PYTEST) -m check

verify: environment  ## re-execute every chapter and compare with the published verdicts
	@$(RUN) compendium verify

accept: environment  ## after review, publish the recomputed verdicts
	@$(RUN) compendium accept

certify: environment  ## verify, in R too where it is, and publish certificate and stress test in data/
	@$(RUN) compendium verify --publish $(if $(shell command -v Rscript),--r) && \
	$(RUN) compendium verify --perturb --publish

bench: book  ## measure the built site and the models against their budgets and beside peers
	@status=0; $(VENV)/bin/python tests/bench_site.py || status=$$?; \
	echo; $(VENV)/bin/python tests/bench_inpage.py || status=$$?; \
	echo; $(VENV)/bin/python tests/bench_models.py || status=$$?; exit $$status

mutants: environment  ## change the code in small ways and count what the tests notice; MODULES= names some
	@$(VENV)/bin/python tests/mutants.py $(MODULES)

pdf: environment  ## print the whole book as one PDF
	@$(RUN) compendium pdf

reproducible: environment  ## build twice in different folders and compare every byte
	@$(RUN) compendium reproducible

lint: environment  ## format and check the code, that of the pages too, and print what the house holds
	@$(RUN) ruff format . && $(RUN) ruff check --fix . && $(RUN) mypy && $(VENV)/bin/python tests/house.py --fix

# Settings of its own, in which a page of the book opens as the notebook that it is.
lab: export JUPYTER_CONFIG_DIR := _build/jupyter
lab: environment  ## open the chapters as notebooks in JupyterLab
	@$(VENV)/bin/jupytext-config set-default-viewer myst markdown && $(RUN) jupyterlab

lock: environment  ## resolve the versions again (needs uv) and write both environment files
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@$(RUN) compendium environment

clean:  ## remove everything that was built, and the environment
	rm -rf _build $(VENV)
