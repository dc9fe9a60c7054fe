# `make` alone says what there is. ONCE, RESET, PORT and the like, given as `make demo ONCE=1`, reach the programs
# as environment variables: make exports what stands on its command line.

.DEFAULT_GOAL := help
.PHONY: help install demo up seed down logs ps test check contracts coverage translations screenshots bench format lock clean
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
RUNS := .venv/installed
DEVELOPS := .venv/installed-dev

STARTED := $(shell date +%s)

# An environment whose Python is gone is not complete, whatever its stamps say.
ifneq ($(wildcard $(RUNS) $(DEVELOPS)),)
  $(shell $(BIN)/python -c '' 2>/dev/null || rm -f $(RUNS) $(DEVELOPS))
endif

help: ## List these targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUNS) ## Install what it takes to run, pinned with hashes, into .venv.
	@echo "Installed."

demo: $(RUNS) ## Run it all here, with a seeded community. ONCE=1 ends by itself, RESET=1 begins anew, PORT=… moves it.
	@SECONDS_INSTALL=$$(( $$(date +%s) - $(STARTED) )) exec $(BIN)/python -m deploy.local demo

up: ## Run it all in containers, with Docker and nothing else. PORT=… moves it; the data stays over `make down`.
	@exec deploy/compose/up.sh

seed: $(RUNS) ## Seed the demo's community into what `make up` runs, and show its proposals. ONCE=1 ends by itself.
	@exec $(BIN)/python -m deploy.local seed

down: ## Stop the containers and keep the data. RESET=1 deletes the data for good.
	@exec deploy/compose/down.sh

logs: ## Follow the logs of the containers. ARGS=matching chooses.
	@docker compose logs --follow --tail 100 $(ARGS)

ps: ## List the containers and how they are.
	@docker compose ps --all --format 'table {{.Service}}\t{{.Status}}\t{{.Ports}}'

test: $(DEVELOPS) ## Run the tests, those with a real Postgres and a real Kafka too. ARGS="-k idea" chooses.
	@$(BIN)/python -m pytest $(ARGS)

check: $(DEVELOPS) ## Check style, types, import rules, contracts, coverage marks and translations; stops at the first failure.
	@$(call step,style,$(BIN)/python -m ruff check --quiet .)
	@$(call step,format,$(BIN)/python -m ruff format --check --quiet .)
	@$(call step,types,$(BIN)/python -m mypy --no-error-summary)
	@$(call step,import rules,$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-cache)
	@$(call step,contracts,$(BIN)/python -m shared.contracts.documents docs/contracts --check)
	@$(call step,coverage marks,$(BIN)/python -m tests.house.coverage --check)
	@$(call step,translations,$(BIN)/python -m tests.house.translations --check)

contracts: $(DEVELOPS) ## Write docs/contracts anew from the event classes.
	@$(BIN)/python -m shared.contracts.documents docs/contracts

coverage: $(DEVELOPS) ## Write docs/coverage.md anew from the marks of the tests.
	@$(BIN)/python -m tests.house.coverage

translations: $(DEVELOPS) ## Bring new texts of pages into the catalogues, and say which wait for a translation.
	@$(BIN)/python -m tests.house.translations

screenshots: $(DEVELOPS) ## Take the pictures of docs/screenshots anew, with the system's Chromium.
	@$(BIN)/python -m tests.browser.screenshots

bench: $(DEVELOPS) ## Measure against references that run side by side. ARGS="--quick" takes a glance.
	@$(BIN)/python -m bench $(ARGS)

format: $(DEVELOPS) ## Format the code and mend what can be mended by itself.
	@$(BIN)/python -m ruff format --quiet . && $(BIN)/python -m ruff check --fix --quiet .

lock: $(DEVELOPS) ## Pin the packages of pyproject.toml anew. UPGRADE=1 takes newer ones where they fit.
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install --quiet uv
	@$(call pin,requirements.txt,--extra embeddings --extra local)
	@$(call pin,requirements-service.txt,--extra embeddings --constraint requirements.txt)
	@$(call pin,requirements-dev.txt,--extra embeddings --extra local --extra dev --constraint requirements.txt)

clean: ## Remove .venv and caches. The demo's data in .local stays; `make demo RESET=1` removes that.
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.local/*' -prune -exec rm -rf {} +

# One heading a step; what a step says is shown only when it fails.
step = printf '%-16s' '$(1)'; start=$$(date +%s); \
	if said=$$($(2) 2>&1); then echo "ok  $$(( $$(date +%s) - start )) s"; \
	else echo FAILED; printf '%s\n' "$$said"; exit 1; fi

pin = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	$(if $(UPGRADE),--upgrade) pyproject.toml $(2) --output-file $(1)

$(RUNS): requirements.txt
	@$(call environment,requirements.txt)
	@touch $@

# Whoever develops has what runs as well.
$(DEVELOPS): requirements-dev.txt
	@$(call environment,requirements-dev.txt)
	@touch $(RUNS) $@

# The stamp is written last, so an interrupted installation is taken up again. $(1): what to install.
define environment
set -e; python=; \
rm -f $(RUNS) $(DEVELOPS); \
if ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	for name in python3.13 python3.12 python3.11 python3; do \
		if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or newer is on the PATH. Install one (python.org, or your system's packages), then run make again." >&2; exit 1; \
	fi; \
	rm -rf .venv; \
	if ! said=$$($$python -m venv .venv 2>&1); then \
		rm -rf .venv; echo "$$python cannot make a virtual environment." >&2; \
		case "$$said" in \
			*ensurepip*) echo "Its venv module is incomplete; on Debian and Ubuntu: apt-get install python3-venv" >&2 ;; \
			*) printf '%s\n' "$$said" | tail -n 3 >&2 ;; \
		esac; exit 1; \
	fi; \
fi; \
echo "Installing the packages of $(1) into .venv; this takes a minute, once."; \
if ! $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) >.venv/install.log 2>&1; then \
	if grep -Eiq 'NewConnectionError|NameResolutionError|Temporary failure|timed out|from versions: none|unreachable' .venv/install.log; then \
		echo "The packages could not be fetched: the package index does not answer." >&2; \
		echo "Check the network (and pip's index and proxy settings: pip config list), then run make again." >&2; \
	elif grep -iq 'No space left' .venv/install.log; then \
		echo "The packages could not be installed: the disk is full. Make room (about 600 MB), then run make again." >&2; \
	else \
		echo "The packages of $(1) could not be installed:" >&2; grep -E '^ *ERROR' .venv/install.log | tail -n 3 >&2; \
	fi; \
	echo "Everything pip said is in .venv/install.log." >&2; exit 1; \
fi
endef
