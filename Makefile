# Two commands do everything: `make demo` shows it, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check bench bench-quick lock clean

help: ## show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## install what is missing: system packages, .venv, web assets
	@scripts/setup

# One plain command each, without a shell around it: make hands Ctrl-C and SIGTERM straight to it.
demo: setup ## load the demo data and serve them on http://127.0.0.1:8000
	@.venv/bin/gridfield serve --demo

serve: setup ## serve the data under ./var
	@.venv/bin/gridfield serve

test: ## run all tests, with a real PostGIS and a real browser
	@scripts/setup --with-tests
	@.venv/bin/pytest -n 2 --dist worksteal -q

check: setup ## format, lint, types, import contracts, generated pages
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/pytest -q tests/test_docs.py

bench: setup ## speed beside the peers, in one run that ends in a table; OPTIONS=--keep keeps it
	@scripts/setup --with-tests
	@.venv/bin/python -m bench $(OPTIONS)

bench-quick: setup ## the same benches with little data, in minutes
	@scripts/setup --with-tests
	@.venv/bin/python -m bench --quick $(OPTIONS)

lock: ## resolve pyproject.toml into locks/ again; make lock OPTIONS=--upgrade moves versions
	@scripts/lock $(OPTIONS)

clean: ## remove what was built; the data under ./var stay
	@rm -rf .venv build dist maps/web/dist maps/web/node_modules bench/lighthouse/node_modules
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
