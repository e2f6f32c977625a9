# app · rest · test · lint · docs · evidence · validate · bench · clean            GNU make 3.81 or later, POSIX sh
#
#   make app                     open the practice in the browser, on this computer only; PORT=8767 for another port
#   make rest                    rest the example person in constructive rest: table and rest.svg
#   make test PYTHON=python3.12  with an interpreter of your choice
#
# The first run makes .venv; later ones find its stamps and start at once.

SHELL    = /bin/sh
PYTHON  ?=
BIN      = .venv/bin
PIP      = $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: app rest test lint docs evidence validate bench clean

app: .venv/.installed
	@$(BIN)/psoas app $(if $(PORT),--port $(PORT))

rest: .venv/.installed
	@$(BIN)/psoas rest examples/person.toml --position constructive-rest --picture rest.svg

test: .venv/.installed-dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/.installed-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Every script in docs/ makes the figure or page it is named after.
docs: .venv/.installed-dev
	@for script in docs/*.py; do \
	    [ -e "$$script" ] || continue; echo "$$script"; $(BIN)/python "$$script" || exit 1; done

# Every model run behind the claims, once more, and the pages that show them: some five minutes.
evidence: .venv/.installed-dev
	@$(BIN)/python -m psoas.study
	@$(BIN)/python docs/claims.py

validate: .venv/.installed
	@$(BIN)/python -m psoas.validation

bench: .venv/.installed-dev
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/pages.py

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: .venv/.made pyproject.toml constraints.txt
	@echo "Installing psoas and what it needs (once, about half a minute) ..."
	@$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[voice]'
	@touch $@
	@echo "Installed."

.venv/.installed-dev: .venv/.installed
	@echo "Installing the test and lint tools ..."
	@$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[dev,voice]'
	@touch $@

# The newest Python found that is 3.11 or later and can make a virtual environment. Each candidate is run,
# not only looked up: version managers leave commands behind that do not start.
.venv/.made:
	@found=; old=; bare=; \
	for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
	    "$$python" -c 'import sys' >/dev/null 2>&1 || continue; \
	    if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        old="$$python ($$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'))"; \
	    elif ! "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then bare="$$python"; \
	    else found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    if [ -n "$$bare" ]; then \
	        echo "$$bare has no venv or ensurepip module; install its venv package (on Debian and Ubuntu: python3-venv), then run make again." >&2; \
	    elif [ -n "$$old" ]; then \
	        echo "$$old is too old; install Python 3.11 or later, or name one with make PYTHON=/path/to/python3.11." >&2; \
	    else \
	        echo "No Python that starts was found$(if $(PYTHON), as $(PYTHON)); install Python 3.11 or later, or name one with make PYTHON=/path/to/python3.11." >&2; \
	    fi; exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version) ..."; \
	"$$found" -m venv --clear .venv && touch $@
