# One line per target: `make` lists them. Nothing is installed outside .venv.
VENV  := .venv
BIN   := $(VENV)/bin
# The locks are complete, so nothing is resolved; bytecode comes with the first import, of what is used only (half the time).
PIP    = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
# The first interpreter that is new enough; `make PYTHON=/path/to/python up` picks another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# The same answer on every machine and Python: the lock names versions and hashes, no host, no comments.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
# A process loads only what it serves: this loads all, once, so that no start has to compile anything.
LOADED = $(subst /,.,$(basename $(wildcard services/*/service.py)))
ARGS  ?=
# Some machines forbid Python to keep bytecode; compiling everything again at every start costs seconds.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help up up-scaled install test check compose-check bench chaos chaos-long lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

up: install ## start everything on this machine with the Nanjing sample, and print the address
	@$(BIN)/yikou demo $(ARGS)

up-scaled: install ## the same as it is scaled out: Kafka, PostgreSQL, a process for each service, nginx in front
	@$(BIN)/python -m tools.scaled $(ARGS)

install: $(VENV)/.runtime ## make the environment (.venv), nothing else

test: $(VENV)/.dev ## run the whole suite (ARGS="-k name" for a part; REQUIRE_REAL=1 fails on a missing part)
	$(BIN)/python -m tools.suite $(ARGS)

check: $(VENV)/.dev ## lint, format, types, and whether the locks follow pyproject.toml
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@rm -rf $(VENV)/lock && mkdir $(VENV)/lock && cp requirements.txt requirements-dev.txt $(VENV)/lock
	@$(COMPILE) pyproject.toml --group build -o $(VENV)/lock/requirements.txt
	@$(COMPILE) --group dev -c requirements.txt -o $(VENV)/lock/requirements-dev.txt
	@for f in requirements.txt requirements-dev.txt; do cmp -s $$f $(VENV)/lock/$$f \
		|| { echo "$$f is stale: run 'make lock' and commit it."; exit 1; }; done; echo "Locks are current."

compose-check: $(VENV)/.dev ## build the image and bring docker-compose.yml up on podman (root; minutes), then down
	@$(BIN)/python -m tools.composed

bench: install ## measure this machine: one process on files, then scaled out on Kafka and PostgreSQL
	$(BIN)/yikou bench $(ARGS)
	$(BIN)/python -m tools.bench $(ARGS)

chaos: install ## break a whole system by a seeded plan and check that nothing is lost or doubled
	$(BIN)/yikou chaos $(ARGS)

chaos-long: install ## the same on both stacks, for half an hour
	$(BIN)/yikou chaos --stack embedded --seconds 840 --kills 300 $(ARGS)
	$(BIN)/yikou chaos --stack scaled --seconds 840 --kills 300 $(ARGS)

lock: $(VENV)/.dev ## write both lock files again (ARGS=--upgrade moves the versions)
	$(COMPILE) $(ARGS) pyproject.toml --group build -o requirements.txt
	$(COMPILE) $(ARGS) --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment and caches (data/ stays)
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.runtime: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Yikou needs Python 3.11 or newer; none was found on the PATH."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) \
		|| { echo "Could not make .venv (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing into $(VENV) ..."
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-build-isolation --editable .
	@$(BIN)/python -c "import services.cli; $(foreach module,$(LOADED),import $(module);)"
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing the development tools into $(VENV) ..."
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@
