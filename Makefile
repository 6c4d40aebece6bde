# Every target makes the environment it needs: `make test` works in a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
BENCH_STAMP := $(VENV)/installed-bench
ECOSYSTEM_STAMP := $(VENV)/installed-ecosystem
SITE_STAMP := $(VENV)/installed-site

.PHONY: demo haiku-suite haiku-suite-quick library-suites library-suites-quick test test-full test-slow lint bench generate site clean

# torch comes first and by exact version: asked for without one, pip fetches gigabytes of CUDA.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(BENCH_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'
	touch $@

# The libraries around torch with which conformance_tests/torch/ecosystem runs models.
$(ECOSYSTEM_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[ecosystem]'
	touch $@

$(SITE_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@

demo: $(STAMP)
	$(BIN)/python examples/first.py
	$(BIN)/python examples/digits.py
	$(BIN)/python examples/lora.py
	$(BIN)/python examples/objects/run.py
	$(BIN)/python examples/port_haiku/compare.py
	$(BIN)/python examples/flax_nnx/compare.py
	$(BIN)/python examples/compare/run.py
	$(BIN)/python examples/language_models/generate.py
	$(BIN)/python examples/char_lm.py

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not full and not slow" conformance_tests
	$(BIN)/python -m pytest -n 2 --dist worksteal -p conformance_tests.workers -p conformance_tests.doctests \
		--doctest-modules unified --ignore-glob='unified/backends/*' -q

# What `make test` leaves out because it takes many seconds a test, and CI runs.
test-slow: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "slow and not full" conformance_tests

test-full: $(ECOSYSTEM_STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile=default conformance_tests

# How many of dm-haiku's own tests pass on unified.compat.haiku; fails if they become fewer.
haiku-suite: $(STAMP)
	$(BIN)/python -m tools.haiku_suite --least 2485

haiku-suite-quick: $(STAMP)
	$(BIN)/python -m tools.haiku_suite --quick --least 1400

# How many of the own tests of JAX's libraries pass on torch; fails if they become fewer.
library-suites: $(STAMP)
	$(BIN)/python -m tools.library_suites

library-suites-quick: $(STAMP)
	$(BIN)/python -m tools.library_suites --quick

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/python -m tools.generate --check

# Everything that is written by a program: functions, the types of layers, pages.
generate: $(STAMP)
	$(BIN)/python -m tools.generate

# The site of docs/ and of the reference, in site/. The variable turns off what mkdocs-material prints about mkdocs 2;
# --quiet would hide warnings from --strict.
site: $(SITE_STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	$(BIN)/python -m tools.site.check site --docs docs

bench: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) out site
