"""What is to be watched: policies, as YAML or as rows that somebody set in the apps."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from herd_engine.model.duration import read_duration
from herd_engine.model.forecast import STOCKS, Metric

EVERY_FARM = "*"
OWN_LABELS = ("policy", "farm", "metric", "output", "severity")
"""Labels that every alert has of itself; a policy cannot say them otherwise."""
MOST_LABELS = 10
LabelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
LabelValue = Annotated[str, Field(min_length=1, max_length=100)]


class AlertSeverity(StrEnum):
    """How soon somebody should look; lists show the most pressing first."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def rank(self) -> int:
        """0 for the most pressing."""
        return list(reversed(AlertSeverity)).index(self)


class Watched(StrEnum):
    """What can be watched: of a farm, or of the home as a whole."""

    FORECAST_BELOW = "forecast_below"
    FORECAST_ABOVE = "forecast_above"
    SNAPSHOT_AGE_DAYS = "snapshot_age_days"
    MILKING_CHANGE = "milking_change"
    QUALITY_ERRORS = "quality_errors"
    QUALITY_RULE_COUNT = "quality_rule_count"
    FAIL_RATE = "fail_rate"
    FAIL_COUNT = "fail_count"
    BLOCKED_COUNT = "blocked_count"
    UNIFIED_USAGE_RATE = "unified_usage_rate"
    TOP_RULE_FAIL_COUNT = "top_rule_fail_count"
    SEMANTIC_RULE_FAIL_COUNT = "semantic_rule_fail_count"
    RUN_FAILURE_RATE = "run_failure_rate"
    RUN_TIMEOUT_COUNT = "run_timeout_count"
    OUTSIDE_BAND = "outside_band"
    BACKTEST_COVERAGE = "backtest_coverage"
    CULL_RATE_30D = "cull_rate_30d"
    OPEN_OVER_150D_SHARE = "open_over_150d_share"
    REPORT_FAILURES = "report_failures"
    MC_RELATIVE_ERROR = "mc_relative_error"
    QUEUE_OLDEST_AGE_SECONDS = "queue_oldest_age_seconds"
    QUEUE_LENGTH = "queue_length"
    RUNNER_ALIVE = "runner_alive"
    DELIVERY_DEAD = "delivery_dead"
    DISK_FREE_RATIO = "disk_free_ratio"

    @property
    def is_forecast(self) -> bool:
        """Whether it asks the replicates of a forecast."""
        return self in (Watched.FORECAST_BELOW, Watched.FORECAST_ABOVE)

    @property
    def is_of_home(self) -> bool:
        """Whether it is of no farm in particular."""
        return self in OF_HOME


OF_HOME = (
    Watched.QUEUE_OLDEST_AGE_SECONDS,
    Watched.QUEUE_LENGTH,
    Watched.RUNNER_ALIVE,
    Watched.DELIVERY_DEAD,
    Watched.DISK_FREE_RATIO,
)


def _duration(value: object) -> object:
    return read_duration(value) if isinstance(value, str) else value


def _spelled(value: timedelta) -> str:
    return f"{round(value.total_seconds())}s"


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(_spelled)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class With(_Part):
    """What exactly is watched.

    Attributes
    ----------
    output : Metric, optional
        Of a forecast.
    level : float, optional
        Head, or days.
    months : (int, int)
        First and last month start after the report date.
    probability : float, optional
        Share of futures from which on it is an alert.
    scenario, plan : str, optional
        Name of the kept forecast that is looked at; the farm's starred plan by default.
    window : timedelta
        How far back is counted.
    codes : list of str
        Codes of quality issues; ``*`` for all errors.
    rule_id : str, optional
        Rule of a contract.
    """

    output: Metric | None = None
    level: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    months: tuple[int, int] = (1, 12)
    probability: float | None = Field(default=None, gt=0, lt=1)
    scenario: str | None = None
    plan: str | None = None
    window: Duration = timedelta(days=7)
    codes: list[str] = [EVERY_FARM]
    rule_id: str | None = None

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        first, last = self.months
        if not 1 <= first <= last:
            raise ValueError("months must be the first and the last after the report date, such as [1, 12]")
        if self.scenario is not None and self.plan is not None:
            raise ValueError("give either scenario or plan")
        return self

    @property
    def forecast_name(self) -> str | None:
        """The name of the forecast that is looked at; None for the starred one."""
        return self.plan or self.scenario


class Policy(_Part):
    """When somebody is to be told what.

    Attributes
    ----------
    id : str
        Unique; an alert is one policy on one farm.
    title : str or dict of str to str
        What the alert is called, in one language or by language.
    farms : list of str
        Names or ids; ``*`` for all.
    metric : Watched
    operator, threshold
        The alert begins when ``value operator threshold`` holds; not of forecasts.
    min_samples : int
        With fewer, nothing can be said.
    for_ : timedelta
        So long it must hold before the alert fires.
    keep_firing_for : timedelta
        So long it must not hold before the alert ends.
    no_data : str
        Where nothing can be said: ``ok`` ends the alert, ``keep`` leaves it as it is, ``alert`` counts as
        if it held.
    channels : list of str
        Names of who is told; nobody by default.
    labels : dict of str to str
        What its alerts are told apart and silenced by, beside what every alert has (``OWN_LABELS``).
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: str | dict[str, str] = ""
    enabled: bool = True
    severity: AlertSeverity = AlertSeverity.MEDIUM
    farms: list[str] = [EVERY_FARM]
    metric: Watched
    with_: With = Field(default=With(), alias="with")
    operator: Literal[">", ">=", "<", "<=", "==", "!="] = ">"
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    min_samples: int = Field(default=1, ge=1)
    for_: Duration = Field(default=timedelta(0), alias="for")
    keep_firing_for: Duration = timedelta(0)
    no_data: Literal["ok", "keep", "alert"] = "keep"
    channels: list[str] = []
    labels: dict[LabelName, LabelValue] = Field(default={}, max_length=MOST_LABELS)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        asked = self.with_
        if self.metric.is_forecast:
            if asked.output is None or asked.level is None or asked.probability is None:
                raise ValueError("a forecast needs with.output, with.level and with.probability")
            if self.threshold is not None:
                raise ValueError("a forecast has with.level and with.probability, not threshold")
            if asked.output not in STOCKS and asked.output is not Metric.AVG_DAYS_IN_MILK:
                raise ValueError("with.output must be a count of animals or the mean days in milk")
        elif self.threshold is None:
            raise ValueError("needs a threshold")
        if self.metric is Watched.SEMANTIC_RULE_FAIL_COUNT and asked.rule_id is None:
            raise ValueError("needs with.rule_id")
        if double := sorted({*OWN_LABELS} & {*self.labels}):
            raise ValueError(f"every alert has these labels of itself: {', '.join(double)}")
        return self

    def name(self, language: str) -> str:
        """Return what the alert is called in a language; its id where nobody named it."""
        if isinstance(self.title, str):
            return self.title or self.id
        return self.title.get(language) or next(iter(self.title.values()), self.id)

    def labels_of(self, farm: str) -> dict[str, str]:
        """Return the labels of its alert on a farm; of the home as a whole where that has no name."""
        output = self.with_.output if self.metric.is_forecast else None
        own = (self.id, farm, self.metric.value, output.value if output else "", self.severity.value)
        return {name: value for name, value in zip(OWN_LABELS, own, strict=True) if value} | self.labels

    def is_of(self, farm: str, farm_id: str) -> bool:
        """Tell whether a farm of this name, or this id, is watched."""
        named = {name.casefold() for name in self.farms}
        return bool(named & {EVERY_FARM, farm.casefold(), farm_id})

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON and YAML have it, without what is not said."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Policies(_Part):
    """A file of policies."""

    version: Literal[1]
    policies: list[Policy]

    @model_validator(mode="after")
    def _have_ids_of_their_own(self) -> Self:
        ids = [policy.id for policy in self.policies]
        double = sorted({name for name in ids if ids.count(name) > 1})
        if double:
            raise ValueError(f"each id may stand once; twice there: {', '.join(double)}")
        return self
