# Everything of this project on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH := .venv/bench
BENCH_REST := .venv/bench-rest
AUDIT := .venv/audit
NEXT_SDK := .venv/next-sdk
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
TARGET_CONSTRAINTS := $(wildcard constraints/*.txt)
REST_CONSTRAINTS := benchmarks/constraints-rest.txt

SOAK ?= 10

.PHONY: install demo test check tests next-sdk soak audit bench docs format constraints clean

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/python -m demo

test: check tests

# Format, lint, types, dependencies and workflows. The tap needs nothing of the sandbox's; what is not
# for users may import what the groups bring.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry tap_vcclive --optional-dependencies-dev-groups sandbox
	$(BIN)/deptry tap_vcclive vcclive_sandbox
	$(BIN)/deptry demo benchmarks tools tests --ignore DEP002,DEP004
	$(BIN)/zizmor --offline --quiet --persona auditor .github

# Tests that share something (Meltano's plugins) stay together on one core.
tests: $(INSTALLED)
	$(BIN)/pytest --numprocesses=auto --dist=loadgroup

# The tests with the newest SDK, pre-releases included, and all else as pinned. Without those for
# which Meltano installs the pinned SDK, and those of documents that repeat what an SDK says.
next-sdk:
	$(PYTHON) -m venv $(NEXT_SDK)
	$(NEXT_SDK)/bin/python $(PIP_INSTALL) --constraint constraints.txt pip
	$(NEXT_SDK)/bin/python $(PIP_INSTALL) --constraint constraints.txt \
		--build-constraint constraints.txt --editable '.[sandbox]' --group dev
	$(NEXT_SDK)/bin/python $(PIP_INSTALL) --upgrade --pre 'singer-sdk[msgspec]'
	$(NEXT_SDK)/bin/python -m pip list --disable-pip-version-check | grep singer-sdk
	$(NEXT_SDK)/bin/pytest --numprocesses=auto --dist=loadgroup --ignore=tests/end_to_end \
		--ignore=tests/test_docs.py --ignore=tests/test_benchmarks.py

# The tests that draw chances, SOAK times as long and from another seed each time: hundreds of rounds.
soak: $(INSTALLED)
	seed=$${VCCLIVE_SEED:-$$(date +%s)}; echo "VCCLIVE_SEED=$$seed"; \
	VCCLIVE_SEED=$$seed VCCLIVE_SOAK=$(SOAK) $(BIN)/pytest --numprocesses=auto --dist=loadgroup \
		--timeout=1800 --hypothesis-seed=$$seed \
		$$(grep -rl --include='test_*.py' 'from tests.soak import' tests)

# Known vulnerabilities of what is pinned, the tap's packages, its build's and the targets'; asks
# lists on the network, so it is no part of test.
audit:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python $(PIP_INSTALL) --constraint constraints.txt pip
	$(AUDIT)/bin/python $(PIP_INSTALL) --constraint constraints.txt --group audit
	status=0; for file in constraints.txt $(TARGET_CONSTRAINTS); do \
		$(AUDIT)/bin/pip-audit --requirement $$file --no-deps --disable-pip || status=1; \
	done; exit $$status

# What the tap costs, beside other ways to do the same: benchmarks/RESULTS.md and two plots.
bench: $(INSTALLED) $(BENCH)/.installed $(BENCH_REST)/.installed
	$(BIN)/python -m benchmarks

# What people read about settings and fields, out of the code.
docs: $(INSTALLED)
	$(BIN)/python -m tools.docs

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The pip of an older Python has neither --group nor --build-constraint.
$(INSTALLED): pyproject.toml constraints.txt $(TARGET_CONSTRAINTS)
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP_INSTALL) --constraint constraints.txt pip
	$(BIN)/python $(PIP_INSTALL) --constraint constraints.txt \
		--build-constraint constraints.txt --editable '.[sandbox]' --group dev
	# Meltano does not see that they need other packages.
	rm -rf .meltano/extractors .meltano/loaders
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

# $(call pin,FILE,WHAT,BUT): pins what a fresh environment of today resolves to.
define pin
	$(PYTHON) -m venv .venv.new
	.venv.new/bin/python $(PIP_INSTALL) --upgrade pip
	.venv.new/bin/python $(PIP_INSTALL) $(2)
	{ head -n 1 $(1); .venv.new/bin/python -m pip freeze --all $(3:%=--exclude %); } > pins.new
	mv pins.new $(1)
	rm -rf .venv.new
endef

# What meltano.yml installs for a target.
package = "$$(sed -n 's|.*pip_url: \(.*\) --constraint .*/$(1).txt$$|\1|p' meltano.yml)"

constraints:
	$(call pin,constraints.txt,'.[sandbox]' --group dev --group bench --group audit --group build,tap-vcclive setuptools)
	$(call pin,$(REST_CONSTRAINTS),--group bench-rest,pip)
	$(call pin,constraints/target-jsonl.txt,$(call package,target-jsonl),pip setuptools)
	$(call pin,constraints/target-postgres.txt,$(call package,target-postgres),pip setuptools)

clean:
	rm -rf .venv .meltano build dist output .mypy_cache .pytest_cache .ruff_cache .hypothesis
