# Kanava: `make up` runs it, `make test` proves it. Needs only python3 (3.11 or newer), make and a C compiler.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What is installed is known by content: a checkout gives files the time of the day, or an older one.
LOCKED = $(BIN)/python -ISc 'import hashlib, pathlib; print(hashlib.sha256(b"".join( \
	pathlib.Path(name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))).hexdigest())'
# The first of these that is there and new enough; `make PYTHON=/path/to/python3` names another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$name" && break; done)

.PHONY: help install up test check units journeys screenshots bench dev lock schema clean

help: ## show what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

install: ## build .venv from requirements.lock, and the pages' scripts and styles; quick when nothing changed
	@locked="$$($(LOCKED) 2>/dev/null)"; [ -n "$$locked" ] && [ "$$locked" = "$$(cat $(STAMP) 2>/dev/null)" ] \
		|| $(MAKE) --no-print-directory .venv
	@$(BIN)/python frontend/build.py
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python -m kanava.web.common.templates

.PHONY: .venv
.venv:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Kanava needs Python 3.11 or newer with venv (on Debian: apt install python3 python3-venv);" \
			"say make PYTHON=/path/to/python3 when it is elsewhere." >&2; exit 1; fi
	@[ -x $(BIN)/python ] && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(LOCKED) > $(STAMP)

up: install ## run everything on http://localhost:8000: PostgreSQL, schema, demo retailer, API, worker
	@exec $(BIN)/kanava up

dev: install ## the same with more logs, started anew when a file in src/ changes
	@exec env KANAVA_LOG_LEVEL=debug $(BIN)/python -m kanava.supervisor.dev

check: install ## ruff, its format, mypy, import-linter, squawk, vulture, deptry, bandit
	@$(BIN)/ruff check src tests frontend
	@$(BIN)/ruff format --check --quiet src tests frontend
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/squawk --config squawk.toml migrations/*.sql
	@$(BIN)/vulture
	@$(BIN)/deptry src
	@$(BIN)/bandit -q -ll -c pyproject.toml -r src

test: install ## check, and every test; all of them side by side, for tests wait more than they work
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target check units journeys

units: install ## the tests without a browser
	@$(BIN)/pytest -q -n 2 --dist worksteal

journeys: install ## the tests in a browser (Debian's Chromium); Playwright keeps an event loop of its own running
	@$(BIN)/pytest -q -n 2 --dist loadfile tests/browser

screenshots: install ## take the pictures of docs/tour.md from the demo retailer
	@$(BIN)/pytest -q tests/browser/take_screenshots.py

bench: install ## measure against PostgreSQL on this machine
	@$(BIN)/kanava bench all

lock: install ## write requirements.lock anew, to the newest versions that pyproject.toml allows
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --extra demo --extra dev --allow-unsafe --no-header --strip-extras \
		--output-file requirements.lock pyproject.toml

schema: install ## write schema.sql from the migrations
	@$(BIN)/kanava db schema --write schema.sql

clean: ## remove what was made here: the demo's database, .venv, caches
	@if [ -d .kanava ] && [ -x $(BIN)/python ]; then $(BIN)/python -m kanava.supervisor.clean .kanava; fi
	@rm -rf .kanava $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
