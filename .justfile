# The tasks of this project; `just --list` shows them.

python := ".venv/bin/python"

# style, types, layers
lint:
    .venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports

# tests that take less than a few seconds each
quick:
    {{python}} -m pytest -n auto --dist loadfile -m "not slow and not long"

# all tests but the long ones
test:
    {{python}} -m pytest -n auto --dist loadfile

# fault matrix, load, thousands of combinations
long:
    {{python}} -m pytest -m long

# what is fast and what is not, measured here
bench file:
    .venv/bin/herd bench engine {{file}}

# how-to pages and notebooks, executed
docs:
    {{python}} -m pytest tests/notebooks
