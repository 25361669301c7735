# Everything that people do with Pixmill. Each target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A program that runs `terraform test` and `terraform plan` on a folder without a cloud account.
TF_OFFLINE ?=

.PHONY: help demo up test test-console chromium check check-terraform check-policy format bench contracts docs screencast package wheel test-wheel test-generators corpora audit sbom test-bundles test-upgrade smoke migrate lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: $(VENV)/demo ## Run the main job: crawl a photo site, validate, export (PAGES=https://… for another)
	@PYTHONPATH=client $(BIN)/python -m infra.demo $(if $(PAGES),--pages "$(PAGES)")

up: $(VENV)/demo ## Start the whole system here and stay in the foreground
	@$(BIN)/python -m infra.local

test: $(VENV)/dev ## Run all tests on real parts
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test-console: chromium $(VENV)/dev ## Walk the console in Chromium, which it installs where it can (pictures in build/console)
	@SCREENSHOTS=1 $(BIN)/python -m pytest -n auto --maxprocesses 2 --dist loadfile tests/console

chromium:
	@command -v chromium chromium-browser google-chrome > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null; \
	  else \
	    echo "The console's tests need Chromium. On Debian and Ubuntu: sudo apt-get install chromium"; exit 1; \
	  fi; }

check: $(VENV)/dev ## Format, lint, types, layers and generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m shared.contracts --check
	@$(BIN)/python -m migrations.document --check
	@$(BIN)/python -m infra.package --check
	@$(MAKE) --no-print-directory check-terraform
	@if [ -e build/policy/done ]; then $(MAKE) --no-print-directory check-policy; fi

check-terraform: $(VENV)/dev ## Test infra/gcp (TF_OFFLINE=a program that stands in for terraform)
	@if ! command -v terraform > /dev/null; then \
	  echo "terraform is not installed, so infra/gcp is not checked."; \
	else \
	  terraform fmt -check -recursive infra/gcp || exit 1; \
	  if [ -x "$(TF_OFFLINE)" ]; then \
	    $(BIN)/python -m infra.package > /dev/null && "$(TF_OFFLINE)" test infra/gcp || exit 1; \
	    for environment in staging prod; do \
	      "$(TF_OFFLINE)" plan infra/gcp -var-file=environments/$$environment.tfvars > /dev/null || exit 1; \
	    done; \
	  else \
	    echo "infra/gcp is well formatted. To run its tests too, set TF_OFFLINE to a program that takes"; \
	    echo "'test DIR' and 'plan DIR …' as terraform does and needs no provider download or account;"; \
	    echo "with an account, 'terraform -chdir=infra/gcp test' does the same."; \
	  fi; \
	fi

check-policy: build/policy/done ## Hold infra/gcp to checkov's policies; from then on make check does so too
	@build/policy/bin/checkov --directory infra/gcp --framework terraform --skip-download --compact --quiet

format: $(VENV)/dev ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/dev ## Measure against peers, slowly (ONLY=crawl for one of tests/bench)
	@ONLY=$(ONLY) PYTHONPATH=client $(BIN)/python -m tests.bench

contracts: $(VENV)/dev ## Write the files that follow from the declarations
	@$(BIN)/python -m shared.contracts
	@$(BIN)/python -m migrations.document

docs: build/docs/done $(VENV)/dev ## Build the documents as a site, which needs no other host
	@PYTHONPATH=client $(BIN)/python -m infra.site build/docs
	@build/docs/tools/bin/python -m infra.site.drawings build/docs/pages
	@cd build/docs && tools/bin/zensical build --strict --clean
	@$(BIN)/python -m infra.site.check build/docs/site
	@echo "The site is in build/docs/site. To read it: python3 -m http.server -d build/docs/site"

screencast: $(VENV)/dev ## Record pixmill build on the local system as docs/pictures/screencast.svg
	@PYTHONPATH=client $(BIN)/python -m infra.site.screencast

package: $(VENV)/dev ## Write the zips and requirements that Terraform deploys
	@$(BIN)/python -m infra.package

wheel: $(VENV)/dev ## Build the distribution pixmill, client and command, into dist/
	@$(BIN)/uv build --wheel client --out-dir dist

test-wheel: $(VENV)/dev ## Install the wheel in an empty environment, and build a dataset with it (slow; PYTHON=python3.13)
	@$(BIN)/python -m tests.client.wheel $(if $(filter environment command,$(origin PYTHON)),"$(PYTHON)")

test-generators: build/generators/done $(VENV)/dev ## Generate clients by others' generators, and call a system with them
	@PYTHONPATH=client $(BIN)/python -m tests.client.generators

corpora: $(VENV)/dev ## Read every image of a folder as a crawl does, and say what becomes of each (DIR=…)
	@$(if $(DIR),,$(error Say where the images are: make corpora DIR=…))
	@$(BIN)/python -m infra.corpora "$(DIR)"

audit: build/supply/done ## Look for known weaknesses of what the locks pin (asks PyPI)
	@for lock in demo dev site generators policy; do \
	  build/supply/bin/pip-audit --requirement requirements/$$lock.txt --disable-pip --strict --progress-spinner off || exit 1; \
	done

sbom: build/supply/done ## List what is deployed and what it is built with, as CycloneDX (build/sbom)
	@mkdir -p build/sbom
	@for lock in demo dev; do \
	  build/supply/bin/cyclonedx-py requirements requirements/$$lock.txt --pyproject pyproject.toml \
	    --output-reproducible --of JSON -o build/sbom/$$lock.json || exit 1; \
	done
	@for lock in requirements/bundles/*.txt; do \
	  build/supply/bin/cyclonedx-py requirements $$lock --output-reproducible --of JSON \
	    -o build/sbom/bundle-$$(basename $$lock .txt).json || exit 1; \
	done
	@echo "The lists are in build/sbom."

test-bundles: $(VENV)/dev ## Start every bundle with only what it requires (slow)
	@$(BIN)/python -m infra.package.environments $(ONLY)

test-upgrade: $(VENV)/dev ## Run the previous release's code on today's schema (slow; FROM=v1.2.0 or a commit)
	@$(BIN)/python -m tests.migrations.previous $(FROM)

smoke: $(VENV)/demo ## Show that a deployment works (BASE_URL=https://…)
	@$(if $(BASE_URL),,$(error Say where the deployment is: make smoke BASE_URL=https://…))
	@PYTHONPATH=client $(BIN)/python -m infra.smoke "$(BASE_URL)" $(if $(PAGES),--pages "$(PAGES)")

migrate: $(VENV)/demo ## Migrate the database that DATABASE_URL or INSTANCE_CONNECTION_NAME names
	@$(BIN)/python -m alembic upgrade head

lock: $(VENV)/dev ## Choose dependency versions afresh
	@$(BIN)/uv pip compile pyproject.toml --group local --group demo --universal \
	  --python-version 3.11 --generate-hashes --no-header --upgrade -q -o requirements/demo.txt
	@$(BIN)/uv pip compile pyproject.toml --group local --group demo --group skops --group dev --universal \
	  --python-version 3.11 --generate-hashes --no-header -q -c requirements/demo.txt \
	  -o requirements/dev.txt
	@echo checkov | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-header --upgrade -q -o requirements/policy.txt
	@printf 'zensical\nmmdr\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade -q -o requirements/site.txt
	@printf 'datamodel-code-generator\nopenapi-python-client\n' | $(BIN)/uv pip compile - --universal \
	  --python-version 3.11 --generate-hashes --no-header --upgrade -q -o requirements/generators.txt
	@printf 'cyclonedx-bom\npip-audit\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade -q -o requirements/supply.txt

clean: ## Remove the environment and the local data
	rm -rf $(VENV) .local build

$(VENV)/bin/python:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON). Install Python 3.11 or newer, or set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Pixmill needs Python 3.11 or newer; set PYTHON=…")'
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "$(PYTHON) cannot make environments: install its module venv. On Debian and Ubuntu:"; \
	  $(PYTHON) -c 'import sys; print("  sudo apt-get install python%d.%d-venv" % sys.version_info[:2])'; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The locks are complete; without --no-deps, pip before 23.3 trips over later releases of packages with extras.
$(VENV)/demo: requirements/demo.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/demo

# Checkov wants other versions of what the tests use, so it has an environment of its own.
build/policy/done: requirements/policy.txt | $(VENV)/dev
	@echo "Installing checkov into build/policy (once) …"
	@$(BIN)/uv --no-config venv --quiet --clear --python $(BIN)/python build/policy
	@$(BIN)/uv --no-config pip install --quiet --python build/policy --require-hashes -r requirements/policy.txt
	@touch $@

# What builds the site stays apart too: nothing else needs it.
build/docs/done: requirements/site.txt | $(VENV)/dev
	@echo "Installing zensical into build/docs/tools (once) …"
	@$(BIN)/uv --no-config venv --quiet --clear --python $(BIN)/python build/docs/tools
	@$(BIN)/uv --no-config pip install --quiet --python build/docs/tools --require-hashes -r requirements/site.txt
	@touch $@

# Generators of clients are tools of others, in versions of their own.
build/generators/done: requirements/generators.txt | $(VENV)/dev
	@echo "Installing generators into build/generators (once) …"
	@$(BIN)/uv --no-config venv --quiet --clear --python $(BIN)/python build/generators
	@$(BIN)/uv --no-config pip install --quiet --python build/generators --require-hashes -r requirements/generators.txt
	@touch $@

# What looks at the locks from outside has an environment of its own too.
build/supply/done: requirements/supply.txt | $(VENV)/dev
	@echo "Installing pip-audit and cyclonedx-bom into build/supply (once) …"
	@$(BIN)/uv --no-config venv --quiet --clear --python $(BIN)/python build/supply
	@$(BIN)/uv --no-config pip install --quiet --python build/supply --require-hashes -r requirements/supply.txt
	@touch $@
