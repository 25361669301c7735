# Everything that people do with Pixmill. Each target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo up test check format bench contracts migrate lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/demo ## Run the main job: crawl a photo site, validate, export (PAGES=https://… for another)
	@$(BIN)/python -m infra.demo $(if $(PAGES),--pages "$(PAGES)")

up: $(VENV)/demo ## Start the whole system here and stay in the foreground
	@$(BIN)/python -m infra.local

test: $(VENV)/dev ## Run all tests on real parts
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(VENV)/dev ## Format, lint, types, layers and generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m shared.contracts --check
	@$(BIN)/python -m migrations.document --check

format: $(VENV)/dev ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/dev ## Measure against peers, slowly (ONLY=crawl for one of tests/bench)
	@ONLY=$(ONLY) $(BIN)/python -m tests.bench

contracts: $(VENV)/dev ## Write the files that follow from the declarations
	@$(BIN)/python -m shared.contracts
	@$(BIN)/python -m migrations.document

migrate: $(VENV)/demo ## Migrate the database that DATABASE_URL or INSTANCE_CONNECTION_NAME names
	@$(BIN)/python -m alembic upgrade head

lock: $(VENV)/dev ## Choose dependency versions afresh
	@$(BIN)/uv pip compile pyproject.toml --group local --group demo --universal \
	  --python-version 3.11 --generate-hashes --no-header --upgrade -q -o requirements/demo.txt
	@$(BIN)/uv pip compile pyproject.toml --group local --group demo --group skops --group dev --universal \
	  --python-version 3.11 --generate-hashes --no-header -q -c requirements/demo.txt \
	  -o requirements/dev.txt

clean: ## Remove the environment and the local data
	rm -rf $(VENV) .local

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Pixmill needs Python 3.11 or newer; set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo: requirements/demo.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/demo
