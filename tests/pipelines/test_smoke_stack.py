"""`herd smoke stack`: everything holds, on each database; a step that breaks is named and ends the rest."""

import os

import pytest

from pipelines.smoke_api import smoke_api_document
from pipelines.smoke_stack import SCHEMA, smoke_stack
from tests.stores import create_database

STEPS = 16


def told(environment):
    """Return whether all holds, what does not, and how many steps were taken."""
    report = smoke_api_document(smoke_stack(20, environment), SCHEMA)
    assert report["schema"] == "herd-smoke-stack/1"
    return report["holds"], [each["fault"] for each in report["steps"] if each["fault"]], len(report["steps"])


@pytest.mark.slow
def test_everything_holds_on_sqlite():
    sqlite = {name: value for name, value in os.environ.items() if name != "HERD_DATABASE_URL"}

    assert told(sqlite) == (True, [], STEPS)


@pytest.mark.slow
def test_everything_holds_on_postgresql(postgres):
    create_database(postgres, "smoke")

    assert told({**os.environ, "HERD_DATABASE_URL": postgres.format(name="smoke")}) == (True, [], STEPS)


def test_a_store_that_is_away_is_named_and_ends_the_rest():
    (step,) = smoke_stack(20, {**os.environ, "HERD_DATABASE_URL": "postgresql://127.0.0.1:1/nothing"})

    assert step.name == "the store is made"
    assert "ended with" in step.fault
