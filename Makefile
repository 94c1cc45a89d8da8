# Everything of this project on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH := .venv/bench
BENCH_REST := .venv/bench-rest
AUDIT := .venv/audit
REST_CONSTRAINTS := benchmarks/constraints-rest.txt

SOAK ?= 10

.PHONY: install demo test check tests soak audit bench format constraints clean

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/python -m demo

test: check tests

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zizmor --offline --quiet --persona auditor .github

# Tests that share something (Meltano's plugins) stay together on one core.
tests: $(INSTALLED)
	$(BIN)/pytest --numprocesses=auto --dist=loadgroup

# The tests that draw chances, SOAK times as long and from another seed each time: hundreds of rounds.
soak: $(INSTALLED)
	seed=$${VCCLIVE_SEED:-$$(date +%s)}; echo "VCCLIVE_SEED=$$seed"; \
	VCCLIVE_SEED=$$seed VCCLIVE_SOAK=$(SOAK) $(BIN)/pytest --numprocesses=auto --dist=loadgroup \
		--timeout=1800 --hypothesis-seed=$$seed \
		$$(grep -rl --include='test_*.py' 'from tests.soak import' tests)

# Known vulnerabilities of the pinned packages; asks lists on the network, so it is no part of test.
audit:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --group audit
	$(AUDIT)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

# What the tap costs, beside other ways to do the same: benchmarks/RESULTS.md and two plots.
bench: $(INSTALLED) $(BENCH)/.installed $(BENCH_REST)/.installed
	$(BIN)/python -m benchmarks

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# --group needs pip 25.1; the pip of an older Python does not have it.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[sandbox]' --group dev
	rm -rf .meltano/extractors # Meltano does not see that the tap needs other packages
	touch $@

# An environment of its own: with what these bring along, the SDK takes longer to import.
$(BENCH)/.installed: $(INSTALLED)
	$(PYTHON) -m venv --without-pip $(BENCH)
	$(BIN)/python -m pip --python $(BENCH)/bin/python install --quiet \
		--disable-pip-version-check --constraint constraints.txt --group bench
	touch $@

# Another one: the generic REST tap needs another SDK.
$(BENCH_REST)/.installed: $(INSTALLED) $(REST_CONSTRAINTS)
	$(PYTHON) -m venv --without-pip $(BENCH_REST)
	$(BIN)/python -m pip --python $(BENCH_REST)/bin/python install --quiet \
		--disable-pip-version-check --constraint $(REST_CONSTRAINTS) --group bench-rest
	touch $@

# Pins what a fresh environment of today resolves to.
constraints:
	$(PYTHON) -m venv .venv.new
	.venv.new/bin/python -m pip install --quiet 'pip>=25.1'
	.venv.new/bin/python -m pip install --quiet '.[sandbox]' --group dev --group bench
	{ head -n 1 constraints.txt; \
	  .venv.new/bin/python -m pip freeze --exclude tap-vcclive; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf .venv.new
	$(PYTHON) -m venv .venv.new
	.venv.new/bin/python -m pip install --quiet 'pip>=25.1'
	.venv.new/bin/python -m pip install --quiet --group bench-rest
	{ head -n 1 $(REST_CONSTRAINTS); \
	  .venv.new/bin/python -m pip freeze --all --exclude pip; } > constraints.new
	mv constraints.new $(REST_CONSTRAINTS)
	rm -rf .venv.new

clean:
	rm -rf .venv .meltano build dist output .mypy_cache .pytest_cache .ruff_cache .hypothesis
