# Spoofscope: `make run` opens the page, `make test` checks everything. Both set up what they need.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
PYTEST_ARGS ?=
# Processes that test side by side, a file each: one more than two cores have, since browser tests mostly wait.
PYTEST_JOBS ?= 3

VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet
PINS := requirements
# Pythons beside $(PYTHON) whose own needs are pinned too (make lock) and that .ci/pythons tries.
LATER := $(foreach v,3.12 3.13,$(firstword $(shell command -v python$(v))))
# The index of a build of torch for the CPU alone: make run TORCH_INDEX=URL. The choice is remembered in .venv.
TORCH_INDEX ?= $(shell cat $(VENV)/.torch-index 2>/dev/null)
# A stamp is named after the pins that it stands for: changed ones have none, unchanged ones are installed already.
stamp = $(VENV)/.$(1)-$(shell { cat $(PINS)/run.txt $(PINS)/cuda.txt $(PINS)/$(1).txt; echo "$(TORCH_INDEX)"; } | cksum | cut -d" " -f1)
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
.PHONY: help install install-train install-test install-voices install-ray run test test-all pytest check lock chromium bench docs screenshots

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(call stamp,run)  ## Set up .venv with what the page needs (once per change of its pins)
	@:

install-train: $(call stamp,train)  ## Set up what training needs besides
	@:

install-test: $(call stamp,test)  ## Set up what tests and checks need besides
	@:

install-voices: $(call stamp,voices)  ## Set up neural voices for spoofs of one's own recordings (optional)
	@:

install-ray: $(call stamp,ray)  ## Set up Ray, for scoring on several machines (optional)
	@:

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Spoofscope needs Python 3.11 or newer; try: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "No venv module: install it first (Debian: apt-get install python3-venv)" >&2; exit 1; }

$(call stamp,run): | $(BIN)/python
ifeq ($(strip $(TORCH_INDEX)),)
	@echo "Installing what the page needs into $(VENV) (some minutes the first time)"
	@$(PIP) --requirement $(PINS)/run.txt --requirement $(PINS)/cuda.txt
else
	@echo "Installing what the page needs into $(VENV), torch for the CPU alone from $(TORCH_INDEX)"
	@$(PIP) --upgrade --no-deps --index-url $(TORCH_INDEX) $$(grep -E "^torch(audio|vision)?==" $(PINS)/run.txt)
	@$(PIP) --requirement $(PINS)/run.txt
endif
	@rm -f $(VENV)/.run-* && echo "$(TORCH_INDEX)" >$(VENV)/.torch-index && touch $@

$(call stamp,train) $(call stamp,test) $(call stamp,voices) $(call stamp,ray): $(VENV)/.%: | $(call stamp,run)
	@$(PIP) --requirement $(PINS)/$(firstword $(subst -, ,$*)).txt
	@rm -f $(VENV)/.$(firstword $(subst -, ,$*))-* && touch $@

run: install  ## Open the page on http://HOST:PORT (default 127.0.0.1:7860); RUNS=DIR CORPUS=DIR: on runs of your own
	@HOST=$(HOST) PORT=$(PORT) $(if $(CORPUS),SPOOFSCOPE_CORPUS="$(CORPUS)") $(BIN)/python -m dashboard $(if $(RUNS),--runs "$(RUNS)")

test: check chromium pytest  ## Lint, type-check and run the tests, the browser's too

test-all: PYTEST_ARGS += -m ""
test-all: test  ## The same with the few tests that are marked exhaustive

pytest: install-test install-train
	$(BIN)/python -m pytest --numprocesses=$(PYTEST_JOBS) --dist=loadfile --no-loadscope-reorder -m "not exhaustive" $(PYTEST_ARGS)

check: install-test install-train  ## Lint and type-check only
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

lock: $(BIN)/python  ## Resolve requirements/*.in afresh into the pins beside them, on every supported Python at hand
	@for python in $(BIN)/python $(LATER); do \
	  report=$(VENV)/report-$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])').json; \
	  echo "Resolving with $$($$python --version)"; \
	  $$python -m pip install --quiet --dry-run --ignore-installed --report $$report $(foreach g,run train test voices ray,-r $(PINS)/$(g).in) || exit 1; \
	done
	@$(BIN)/python .ci/lock.py $(VENV)/report-3.*.json && rm $(VENV)/report-3.*.json

bench: install-test  ## Measure decoding, scoring, explaining and the page on this machine
	$(BIN)/python -m tests.benchmarks.bench_decode
	$(BIN)/python -m core bench
	$(BIN)/python -m tests.benchmarks.bench_explain
	$(BIN)/python -m tests.benchmarks.bench_page

docs: install-train  ## Write what the documents repeat of the code
	$(BIN)/python .ci/docs.py

screenshots: install-test chromium  ## Photograph every tab, light and dark, into docs/
	$(BIN)/python -m tests.e2e.screenshots -o docs
