# Vigie. `make` or `make help` lists what there is to do.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help frontend run demo test test-fast test-long check bench train kafka kafka-stop setup clean

VENV := .venv
BIN := $(VENV)/bin
TRAINING := .venv-train
WORK := data/training
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
SPACE_KB := 1200000
SIDE_BY_SIDE := --numprocesses auto --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip --disable-pip-version-check
export HF_HUB_OFFLINE := 1

help: ## list the targets
	@echo "make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "make PYTHON=/path/to/python TARGET takes a certain Python; it must be 3.11 or newer."

run: $(VENV)/.installed ## install what is missing, migrate, start all services, print the portal's address
	@echo "Starting Vigie. The portal's address follows; Ctrl-C stops."
	@exec $(BIN)/vigie run

demo: $(VENV)/.installed ## show the product within a minute, without internet
	@exec $(BIN)/vigie demo

test: $(VENV)/.installed-dev ## install what is missing, then run every test but the long ones
	@echo "Running every test but the long ones; this takes some minutes."
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --durations=20

test-fast: $(VENV)/.installed-dev ## the tests that take less than ten seconds each
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow and not long"

test-long: $(VENV)/.installed-dev ## the long ones: full sizes, real servers; before a change of bus, store or notifier is done
	@echo "Running the long tests; this takes an hour or so."
	@$(BIN)/python -m pytest -m long --durations=20

check: $(VENV)/.installed-dev ## lint, format and types, without changing a file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.installed-dev ## measure: one file in benchmarks/ per question
	@ls benchmarks/*.py >/dev/null 2>&1 || { echo "There are no benchmarks yet."; exit 1; }
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

train: $(TRAINING)/.installed ## train the shipped model anew; CORPORA=folder of the labelled texts; hours on two cores
	@test -n "$(CORPORA)" || { echo "make train CORPORA=/folder: see services/classifier/training/data/README.md"; exit 1; }
	@$(TRAINING)/bin/python -m services.classifier.training --corpora $(CORPORA) --work $(WORK) $(TRAIN_ARGS)

frontend: ## install what pages load besides their own files, pinned, from npm; without it a page less
	@cd services/portal/frontend && npm ci --ignore-scripts --no-audit --no-fund

kafka: $(VENV)/.installed-dev ## start a real Kafka on loopback, NODES=3 for three; needs Java and Maven
	@$(BIN)/python deploy/kafka/broker.py start --nodes $(or $(NODES),1)

kafka-stop: ## stop it again; its data stays in data/kafka
	@$(BIN)/python deploy/kafka/broker.py stop

setup: $(VENV)/.installed-dev ## install everything that a developer needs
	@echo "Ready. $(BIN)/vigie --help lists the commands."

clean: ## remove the environment and the caches; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find services shared tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up: done again only when pyproject.toml changes

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Installing Vigie into $(VENV) …"
	@$(PIP) install --editable . || { $(sorry); exit 1; }
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.made
	@echo "Installing Vigie and its development tools into $(VENV) …"
	@$(PIP) install --editable '.[dev,kafka,postgres]' || { $(sorry); exit 1; }
	@touch $@ $(VENV)/.installed

$(TRAINING)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Installing what training needs into $(TRAINING); torch alone is some gigabytes …"
	@$(BIN)/python -m venv $(TRAINING)
	@$(TRAINING)/bin/python -m pip --disable-pip-version-check install --editable '.[train]' || { $(sorry); exit 1; }
	@touch $@

sorry = echo "The installation failed: see the lines above. Behind a proxy, set PIP_INDEX_URL or HTTPS_PROXY." >&2

$(VENV)/.made:
	@python=; for candidate in $(PYTHONS); do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Vigie needs Python 3.11 or newer, and none was found. Install it, or say make PYTHON=/path/to/python." >&2; \
	    exit 1; fi; \
	if ! $$python -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    echo "$$python has no venv module. On Debian and Ubuntu: apt-get install python3-venv." >&2; exit 1; fi; \
	free=$$(df -Pk . | awk 'NR == 2 { print $$4 }'); \
	if [ "$${free:-0}" -lt $(SPACE_KB) ]; then \
	    echo "Vigie needs $$(($(SPACE_KB) / 1000)) MB of free disk here; there are $$(($${free:-0} / 1000)) MB." >&2; exit 1; fi; \
	echo "Creating the environment $(VENV) with $$($$python --version 2>&1) …"; \
	$$python -m venv $(VENV) || { echo "The environment $(VENV) could not be made: see the line above." >&2; exit 1; }
	@touch $@
