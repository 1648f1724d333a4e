"""What the herd's own file says about fields of the form."""

from dataclasses import dataclass

from herd_engine.model.scenario import Mode
from herd_engine.workbench.fitted import Fit, summarize_distribution


@dataclass(frozen=True, slots=True)
class Fact:
    """The key of a text, and the numbers that go into it."""

    key: str
    params: dict[str, float]


def sources(fit: Fit) -> dict[str, Fact]:
    """Return facts by path of a field; none where the file has too few records."""
    tables = fit.tables.get(Mode.EMPIRICAL)
    if tables is None:
        return {}
    service = summarize_distribution(tables.service_period)
    age = summarize_distribution(tables.age_at_conception)
    gestation = summarize_distribution(tables.gestation)
    waiting = Fact("source.waiting", {"days": service.p05})
    return {
        "model.voluntary_waiting_period": waiting,
        "model.waiting_period_change": waiting,
        "model.min_first_insem_age_days": Fact("source.age", {"days": age.min, "median": age.p50}),
        "model.gestation_mu": Fact("source.gestation", {"days": gestation.mean}),
    }
