# The front door. `make` alone prints this menu.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONFIG ?= config.yaml

.DEFAULT_GOAL := help
.PHONY: help install demo test check static run format bench lock cron systemd docs clean

help: ## this menu
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

install: $(READY) ## install into .venv, which every other target does when it is needed

demo: $(READY) ## two sample days over real HTTP and SMTP on this machine; mails in demo/mail/
	@$(BIN)/python -m tests.demo

test: $(READY) ## the tests (offline; what needs real data or a browser is skipped, saying so)
	@$(BIN)/python -m pytest -rs -n auto --dist loadfile

check: static test ## what CI runs: format, lint, types, layers, docs, tests

static: $(READY) ## the checks without the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.write_docs --check

run: $(READY) ## once against the live sources and your mail server (CONFIG=config.yaml)
	@$(BIN)/vestitor --config $(CONFIG) run

format: $(READY) ## mend what the formatter and the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY) ## measure speed: medians and ratios of one run
	@$(BIN)/python -m tests.bench

docs: $(READY) ## write what is generated: docs/sources.md and the README's tables
	@$(BIN)/python -m tests.write_docs

lock: $(VENV)/bin/python ## refresh requirements.lock from pyproject.toml
	@$(BIN)/pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --strip-extras --extra dev --generate-hashes --allow-unsafe --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

cron: $(READY) ## print a crontab made from config.yaml
	@$(BIN)/python scheduler.py --config $(CONFIG) --print cron

systemd: $(READY) ## print a systemd unit for the daemon
	@$(BIN)/python scheduler.py --config $(CONFIG) --print systemd

clean: ## remove what demo and tests wrote, and the virtual environment
	rm -rf demo tests/browser/node_modules $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(READY): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
