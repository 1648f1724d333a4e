"""Every error of ours survives the way back from another process."""

import pickle

import pytest

from herd_engine import errors
from herd_engine.errors import HerdError
from herd_engine.model.quality import QualityIssue, Severity

ISSUE = QualityIssue(code="missing_status", severity=Severity.WARNING, message="No status.", row_count=2)
EXAMPLES: list[HerdError] = [
    errors.HerdError("something"),
    errors.ParameterError("runs", 0, "be within 1 … 50000"),
    errors.UnknownParameterError("voluntary_wait", ["voluntary_waiting_period", "gestation_mu"]),
    errors.ScenarioError((("model.gestation_mu", "Must be a number."), ("seed", "Must be ≥ 0."))),
    errors.HerdDataError("The file has no rows.", (ISSUE,)),
    errors.OutputError("out.json", "No space left on device"),
    errors.ClusterError("no Dask scheduler answers at tcp://10.0.0.1:8786"),
    errors.BatchError(300, "it ended several workers"),
    errors.ServiceError("scheduler", "port 8786 is taken"),
    errors.YamlError("weekly.yaml", 3, "2026-02-30 is no day of the calendar"),
    errors.PlanError("weekly.yaml", (("schedule.cron", "Must be five fields."),)),
    errors.PoliciesError("alerts.yaml", (("policies.0.metric", "Must be known."),)),
    errors.ContractError("herd_export.yaml", ((12, "columns.3.type", "Must be text."),)),
    errors.ChannelsError("channels.yaml", (("channels.0.url", "must be http:// or https:// (line 4)"),)),
    errors.PrintError("the page did not load"),
    errors.DeliveryError("mail", "no such host", again=False),
    errors.StorageError("sqlite:///herd.db", "the disk is full"),
    errors.NotFoundError("run", "8c5b"),
    errors.FarmNotFoundError("North"),
    errors.ForbiddenError("herd:write"),
    errors.ConflictError("A scenario of this name exists already.", "scenario_taken", "Spring"),
    errors.ForecastCanceled(),
    errors.InvariantError("no count is negative", 3, 7),
]


def classes(base: type[HerdError]) -> set[type[HerdError]]:
    return {base}.union(*(classes(sub) for sub in base.__subclasses__()))


def test_there_is_an_example_of_every_error() -> None:
    assert {type(error) for error in EXAMPLES} == classes(HerdError)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_after_pickling(error: HerdError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_codes_are_unique() -> None:
    codes = [cls.code for cls in classes(HerdError) if "code" in vars(cls)]  # or that of a wider kind

    assert len(set(codes)) == len(codes)


def test_the_module_draws_its_tree_completely() -> None:
    assert errors.__doc__ is not None
    assert all(cls.__name__ in errors.__doc__ for cls in classes(HerdError))


def test_an_unknown_parameter_is_answered_with_the_nearest_known_one() -> None:
    error = errors.UnknownParameterError("voluntary_wait", ["voluntary_waiting_period", "gestation_mu"])

    assert "Did you mean `voluntary_waiting_period`?" in str(error)
