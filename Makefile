# The commands of this project. `make help` lists them. The work is done by mace/embedded/, in Python.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
BIN := .venv/bin
TESTS ?= tests
PACKAGES := mace referrals volt panels dashboards
STARTED := $(shell date +%s)
done = echo "make $@: done in $$(( $$(date +%s) - $(STARTED) )) s."
export PYTHONUNBUFFERED := 1

.PHONY: help demo demo-reset manage test test-deep mutate bench lint format requirements pictures setup setup-demo
.SILENT:

help: ## list these commands
	echo 'make TARGET'
	sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

demo: setup-demo ## run MACE with invented people and cases (PORT=8000)
	exec $(BIN)/python -m mace.embedded.up --with-parent --since $(STARTED)

demo-reset: setup-demo ## forget the demo's data, so that the next make demo begins afresh
	$(BIN)/python -m mace.embedded.reset
	$(done)

manage: ## run a management command on the demo's data: make manage CMD="showmigrations"
	$(MAKE) setup-demo 1>&2
	exec $(BIN)/python -m mace.embedded.manage $(CMD)

test: setup ## run the whole suite (TESTS=tests/panels for a part)
	echo 'Tests: running $(TESTS) ...'
	$(BIN)/python -m pytest -n 2 -p mace.embedded.no_skips -m 'not deep' $(TESTS)
	$(done)

test-deep: setup ## run what takes long as well: many examples, other servers, faults
	echo 'Tests: running all of $(TESTS), the long ones too ...'
	$(BIN)/python -m pytest -n 2 $(TESTS)
	$(done)

mutate: setup ## take every lock away in turn and show that a test notices (ONLY=policy:panels_ for a part)
	echo 'Mutants: taking away one lock at a time ...'
	$(BIN)/python -m tests.mutation $(if $(ONLY),--only '$(ONLY)')
	$(done)

bench: setup ## measure speed at a million cases; the first run fills for minutes (CASES=1000000 AGENCIES=500)
	echo 'Bench: $(or $(CASES),1000000) cases, $(or $(AGENCIES),500) agencies; the report goes to var/bench.txt ...'
	$(BIN)/python -m tests.benchmarks --cases $(or $(CASES),1000000) --agencies $(or $(AGENCIES),500)
	$(done)

lint: setup ## check style, types, imports, migrations and templates; changes nothing
	echo 'Style: ruff ...'
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { echo 'Some files are not formatted: run make format.'; exit 1; }
	echo 'Types: mypy ...'
	$(BIN)/mypy
	echo 'Imports: import-linter ...'
	$(BIN)/lint-imports --no-logo
	echo 'Migrations: complete, and safe to run during an upgrade ...'
	$(BIN)/python -m mace.embedded.scratch makemigrations --check --dry-run
	$(BIN)/python -m mace.embedded.scratch lintmigrations --quiet ok ignore
	echo 'Templates: djlint, and every one compiles ...'
	$(BIN)/djlint --lint --quiet templates
	DJANGO_SETTINGS_MODULE=mace.settings.test $(BIN)/python -m mace.embedded.check_templates
	$(done)

format: setup ## put the code into the project's style
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .
	$(done)

requirements: setup ## resolve requirements/*.in anew and pin them with hashes in requirements/*.txt (UPGRADE=1 for newer versions)
	compile() { echo "requirements/$$1.txt ..."; $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --output-file "requirements/$$1.txt" "requirements/$$1.in" "$${@:2}" > /dev/null; }
	compile dev $(if $(UPGRADE),--upgrade)
	for part in demo base; do rm -f "requirements/$$part.txt"; compile "$$part" --constraints requirements/dev.txt; done
	compile uv $(if $(UPGRADE),--upgrade)
	! grep -nE '://|^-' requirements/*.txt || { echo 'An address got into the pins: remove it.'; exit 1; }
	$(done)

pictures: setup ## make the documentation's pictures of the running product anew
	$(BIN)/python -m tests.e2e.pictures
	$(done)

setup: ## install what it takes to run and to test, if anything changed
	$(PYTHON) -I mace/embedded/install.py dev

setup-demo:
	$(PYTHON) -I mace/embedded/install.py demo
