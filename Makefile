# Everything of this project on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: install demo test check tests format constraints clean

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/python -m demo

test: check tests

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

tests: $(INSTALLED)
	$(BIN)/pytest

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

# Pins what a fresh environment of today resolves to.
constraints:
	$(PYTHON) -m venv .venv.new
	.venv.new/bin/python -m pip install --quiet 'pip>=25.1'
	.venv.new/bin/python -m pip install --quiet '.[sandbox]' --group dev
	{ head -n 1 constraints.txt; \
	  .venv.new/bin/python -m pip freeze --exclude tap-vcclive; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf .venv.new

clean:
	rm -rf .venv .meltano build dist output .mypy_cache .pytest_cache .ruff_cache .hypothesis
