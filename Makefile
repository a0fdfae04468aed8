# Spoofscope: `make run` opens the page, `make test` checks everything. Both set up what they need.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Named after the pins it stands for: a changed requirements.txt has no stamp, an unchanged one is done.
STAMP := $(VENV)/.installed-$(firstword $(shell sha256sum requirements.txt))
BROWSERS := chromium chromium-browser google-chrome

export GRADIO_ANALYTICS_ENABLED := False
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_DEFAULT_TIMEOUT ?= 120
export PIP_RETRIES ?= 8

ifndef SPOOFSCOPE_CORPUS
ifneq ($(wildcard ../shared/corpus),)
export SPOOFSCOPE_CORPUS := $(abspath ../shared/corpus)
endif
endif

.DEFAULT_GOAL := help
.PHONY: help install run test check lock chromium bench screenshots

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP)  ## Set up .venv from requirements.txt (once per change of that file)
	@:

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Spoofscope needs Python 3.11 or newer; try: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "No venv module: install it first (Debian: apt-get install python3-venv)" >&2; exit 1; }

$(STAMP): $(BIN)/python
	@echo "Installing requirements.txt into $(VENV) (about 5 GB the first time, some minutes)"
	@$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@rm -f $(VENV)/.installed-*
	@touch $@

run: install  ## Open the page on http://HOST:PORT (default 127.0.0.1:7860)
	@HOST=$(HOST) PORT=$(PORT) $(BIN)/python -m dashboard

test: check chromium  ## Lint, type-check and run every test, the browser's too
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: install  ## Lint and type-check only
	$(BIN)/ruff check .
	$(BIN)/mypy

# Chromium comes from Debian when we may install it; otherwise the browser tests skip and say so.
chromium:
	@if for name in $(BROWSERS); do command -v $$name && break; done | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Debian's chromium for the browser tests"; \
	  apt-get update -qq </dev/null && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core </dev/null >/dev/null; \
	else echo "No chromium found and no right to install it: the browser tests will be skipped." >&2; fi

lock: $(BIN)/python  ## Resolve requirements.in afresh into requirements.txt
	@echo "Resolving requirements.in"
	@$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report $(VENV)/report.json -r requirements.in
	@$(BIN)/python .ci/lock.py <$(VENV)/report.json >requirements.txt.part && mv requirements.txt.part requirements.txt

bench: install  ## Measure decoding, hearing, explaining and the page on this machine
	$(BIN)/python -m tests.benchmarks.bench_decode
	$(BIN)/python -m core bench
	$(BIN)/python -m tests.benchmarks.bench_explain
	$(BIN)/python -m tests.benchmarks.bench_page

screenshots: install chromium  ## Photograph every tab, light and dark, into docs/
	$(BIN)/python -m tests.e2e.screenshots -o docs
