# Two commands do all the set-up: `make book` and `make test`. Both need Python 3.11 or newer and make, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
# One thread each: two chapters run at once, and small problems are slower with more.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
.PHONY: help book test verify accept bench pdf reproducible certify lint lock clean environment

VENV := .venv
RUN := $(VENV)/bin/python -m
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

environment:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer was not found; install it, or name it: make book PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" book/compendium/bootstrap.py

book: environment  ## execute what changed and build the site; says where it is
	@$(RUN) compendium build

test: book  ## run every check and test
	@$(RUN) ruff check --quiet . && $(RUN) ruff format --check --quiet . && $(RUN) mypy --no-error-summary
	@$(RUN) pytest -n 2 --dist loadfile

verify: environment  ## re-execute every chapter and compare with the published verdicts
	@$(RUN) compendium verify

accept: environment  ## after review, publish the recomputed verdicts
	@$(RUN) compendium accept

certify: environment  ## verify, and publish the certificate and the stress test in data/
	@$(RUN) compendium verify --publish && $(RUN) compendium verify --perturb --publish

bench: book  ## measure the built site and the models against their budgets and beside peers
	@status=0; $(VENV)/bin/python tests/bench_site.py || status=$$?; \
	echo; $(VENV)/bin/python tests/bench_models.py || status=$$?; exit $$status

pdf: environment  ## print the whole book as one PDF
	@$(RUN) compendium pdf

reproducible: environment  ## build twice in different folders and compare every byte
	@$(RUN) compendium reproducible

lint: environment  ## format and check the code
	@$(RUN) ruff format . && $(RUN) ruff check --fix . && $(RUN) mypy

lock: environment  ## resolve the versions again (needs uv) and write both environment files
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@$(RUN) compendium environment

clean:  ## remove everything that was built, and the environment
	rm -rf _build $(VENV)
