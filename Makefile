# cnnviz: `make run` starts the app, `make test` runs every check; both do all the set-up themselves.
#
#   make run   [PORT=8502] [ARGS="--server.headless true"]   start the app in the browser
#   make test  [JOBS=2] [ARGS="-k report"]                   ruff, mypy, pytest; says what it took
#   make test-fast                                           what needs no TensorFlow, browser or process
#   make test-long                                           what a release needs and a commit does not
#   make coverage                                            the lines that tests reach, in all processes
#   make bench [ARGS="throughput"]                           measure, as ratios within one run
#   make screenshots                                         the README's pictures, from the running app
#   make reproduction [ARGS="RUNS"]                          docs/reproduction.md, from finished reproductions
#   make lock                                                locks/, from requirements.txt
#   make clean                                               remove .venv and caches; never data or runs
#
# The set-up lives in .venv. Stamp files in there say what is done, so that the next time takes seconds.
# PYTHON=python3.13 behind any of these takes that Python, with a set-up of its own in .venv-3.13.

ifeq ($(origin PYTHON),command line)
VENV   := .venv-$(patsubst python%,%,$(notdir $(PYTHON)))
else
VENV   := .venv
PYTHON := python3.13 python3.12 python3.11 python3 python
endif
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check
JOBS   ?= 2
PYTEST := $(PY) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# TensorFlow's build: with CUDA where a GPU answers, without its 500 MB of GPU code elsewhere. Only Linux on
# x86-64 has a CPU-only wheel; macOS and ARM wheels are CPU builds anyway.
TENSORFLOW := $(shell if nvidia-smi >/dev/null 2>&1; then echo 'tensorflow[and-cuda]'; \
	elif [ "$$(uname -sm)" = "Linux x86_64" ]; then echo tensorflow-cpu; else echo tensorflow; fi)
BUILD := $(subst ],,$(subst [,-,$(TENSORFLOW)))
LOCK  := locks/$(BUILD).txt
READY := $(VENV)/.ready-$(BUILD)
DEV   := $(VENV)/.ready-dev

.PHONY: docs run test checks test-fast test-long coverage bench screenshots reproduction lock setup setup-dev browser clean
.DEFAULT_GOAL := run

run: $(READY)
	@$(PY) -m streamlit run app.py --server.address 127.0.0.1 --server.showEmailPrompt false \
		$(if $(PORT),--server.port $(PORT)) $(ARGS)

test: $(READY) $(DEV) browser
	@$(PY) tests/metered.py $(MAKE) --no-print-directory checks

checks:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PYTEST) $(ARGS)

test-fast: $(READY) $(DEV)
	@$(PY) tests/metered.py $(PYTEST) --fast $(ARGS)

test-long: $(READY) $(DEV) browser
	@$(PY) tests/metered.py $(PYTEST) -m long $(ARGS)

coverage: $(READY) $(DEV) browser
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(ARGS)
	-$(PY) -m coverage combine --quiet # a process that a test killed may leave half a file
	$(PY) -m coverage report

bench: $(READY) $(DEV) browser
	$(PY) -m benchmarks $(ARGS)

docs: $(READY)
	$(PY) -m docs.tables

screenshots: $(READY) $(DEV) browser
	$(PY) -m docs.screenshots $(ARGS)

reproduction: $(READY) $(DEV) browser
	$(PY) -m docs.reproduction $(ARGS)

setup: $(READY)

setup-dev: $(READY) $(DEV)

clean:
	rm -rf .venv .venv-* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The newest Python that TensorFlow has wheels for, and that can make a virtual environment with pip.
$(VENV)/.made:
	@found=; lacking=; \
	for python in $(PYTHON); do \
		$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
		if $$python -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
		lacking=$$python; \
	done; \
	if [ -n "$$found" ]; then \
		echo "Making $(VENV) with $$($$found --version)"; \
		$$found -m venv --clear $(VENV) && touch $@; \
	elif [ -n "$$lacking" ]; then \
		echo "$$lacking lacks the modules venv and ensurepip, so no virtual environment can be made." >&2; \
		echo "On Debian and Ubuntu: sudo apt install $$($$lacking -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
		exit 1; \
	else \
		echo "No Python 3.11, 3.12 or 3.13 found (TensorFlow 2.21 runs on these). Install one:" >&2; \
		echo "on Debian and Ubuntu sudo apt install python3 python3-venv, elsewhere from https://www.python.org." >&2; \
		exit 1; \
	fi

# tensorflow and tensorflow-cpu own the same files: a change from one to the other needs the first removed.
$(READY): $(LOCK) pyproject.toml | $(VENV)/.made
	@echo "Installing the dependencies with $(TENSORFLOW) into $(VENV): once, for a few minutes"
	@rm -f $(VENV)/.ready-tensorflow*
	@for other in tensorflow tensorflow-cpu; do \
		[ "$$other" = "$(firstword $(subst [, ,$(TENSORFLOW)))" ] || ! $(PIP) show -qq $$other 2>/dev/null || $(PIP) uninstall -qy $$other; \
	done
	$(PIP) install --require-hashes -r $(LOCK)
	$(PIP) install -q --no-deps -e .
	@touch $@

# One lock a build of TensorFlow: every package with its hashes, for all systems and Pythons that are promised.
lock: $(DEV)
	@for build in tensorflow tensorflow-cpu 'tensorflow[and-cuda]'; do \
		name=$$(echo "$$build" | sed 's/\[/-/; s/]//'); \
		echo "locks/$$name.txt"; \
		{ echo '# Made by `make lock` from requirements.txt: every package that is installed, with its hashes.'; \
		sed "s/^tensorflow==/$$build==/" requirements.txt | $(PY) -m uv pip compile --quiet --universal \
			--python-version 3.11 --generate-hashes --no-header --no-annotate - ; } > locks/$$name.new || exit 1; \
		mv locks/$$name.new locks/$$name.txt; \
	done

$(DEV): requirements-dev.txt $(READY)
	$(PIP) install -r requirements-dev.txt
	@touch $@

# Browser tests, screenshots and benchmarks use an installed Chromium or Chrome, else Playwright's own.
browser: $(DEV)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		if command -v $$name >/dev/null; then exit 0; fi; \
	done; \
	[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || [ -e $(VENV)/.browser ] || { \
		echo "No Chromium or Chrome installed: asking Playwright for one"; \
		$(PY) -m playwright install chromium-headless-shell && touch $(VENV)/.browser; \
	} || echo "No browser to be had: the browser tests will be skipped."
