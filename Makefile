# `make run` and `make test` are all a newcomer needs; both set up first, once.

BIN := .venv/bin
READY := .venv/.ready
# The cache may be on another file system, where uv would warn that it cannot link.
export UV_LINK_MODE := copy

.PHONY: setup run test lint dictionaries bench bench-long fuzz clean manifest licences audit

setup: $(READY)

$(READY): uv.lock pyproject.toml scripts/setup
	scripts/setup
	touch $@

run: setup
	$(BIN)/prote run

test: lint
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Builds the language index and the acceptance model again; see dictionaries/SOURCES.md. Asks the
# npm registry for the Dicollecte dictionary.
TEXT ?= ../shared/data/clean
dictionaries: setup
	mkdir -p build
	cd build && npm pack --silent dictionary-fr@3.0.0 && tar xzf dictionary-fr-3.0.0.tgz
	$(BIN)/uv run --frozen --all-extras --group training python -m repair.language.build --clean $(TEXT) --dicollecte build/package/index
	$(BIN)/uv run --frozen --all-extras --group training python -m repair.correction.train --clean $(TEXT)
	$(BIN)/python -m repair.language.manifest

# The sums of the dictionaries as they ship, which `prote doctor` compares: after every change of one.
manifest: setup
	$(BIN)/python -m repair.language.manifest

# The licence of each library that the program needs; fails where one is not as scripts/licences.toml says.
licences: setup
	@$(BIN)/python -m scripts.licences

# Known vulnerabilities of the locked libraries; 75 where their list cannot be reached.
audit: setup
	@scripts/audit

bench: setup
	$(BIN)/uv run --frozen --all-extras --group bench python -m bench

# Hours. Documents of hundreds of pages, cut short, are taken up where they stood; whole runs that are killed, and
# disks that fill; faults and kills of releases; corpora of 1,000 to 100,000 documents
# (`python -m bench --only releases --documents 1000`), short ones from the raw folder on too; `make fuzz`.
bench-long: setup
	$(BIN)/uv run --frozen --all-extras --group bench python -m bench --only pages-scale
	PROTE_KILLS=300 PROTE_FULL_DISKS=40 PROTE_HOSTILE=all $(BIN)/pytest -q tests/test_running_kills.py tests/test_running_trouble.py tests/test_run_hostile.py
	PROTE_FAULTS=1000 PROTE_KILLS=200 $(BIN)/pytest -q tests/test_release_faults.py tests/test_release_kill.py tests/test_release_store.py
	PROTE_CLUSTERS=1 PROTE_POSTGRESQL=1 $(BIN)/pytest -q tests/test_flows_cluster.py tests/test_running_postgresql.py
	$(BIN)/uv run --frozen --all-extras --group bench python -m bench --only releases
	$(BIN)/uv run --frozen --all-extras --group bench python -m bench --only corpus --documents 1000 10000 100000
	$(MAKE) fuzz

# Half an hour for each target; `make fuzz MINUTES=5` for less. What it found of use is kept in build/fuzz.
MINUTES ?= 30
fuzz: setup
	$(BIN)/uv run --frozen --all-extras --group fuzz python -m bench.fuzz --minutes $(MINUTES)

# What tools left behind; the environment and the releases stay.
clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
