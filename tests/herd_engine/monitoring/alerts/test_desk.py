"""What people do with alerts, by the Workbench: look, acknowledge, silence, set what is watched."""

from datetime import UTC, datetime, timedelta

import pytest

from herd_engine.errors import ConflictError, NotFoundError, ParameterError
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.model.message import Message
from herd_engine.model.visitor import Role, Visitor
from herd_engine.monitoring.alerts.policy import Watched
from herd_engine.runs.kept import KeptRuns
from herd_engine.workbench.alerts import Alerts
from tests.herd_engine.monitoring.alerts.conftest import Watching

ALWAYS = {"metric": "disk_free_ratio", "operator": "<", "threshold": 2}


def test_an_acknowledgement_is_of_one_firing_and_repeated_changes_nothing(
    watching: Watching, kept: KeptRuns
) -> None:
    alerts = Alerts(kept)
    alerts.set_policy({"id": "disk", **ALWAYS})
    watching.look()
    (alert,) = alerts.list(active=True)

    first = alerts.acknowledge(alert.id, "Anna looks")
    again = alerts.acknowledge(alert.id, "another note")
    assert (first.ack_by, first.ack_note, again.ack_note) == ("tester", "Anna looks", "Anna looks")

    alerts.set_policy({"id": "disk", **ALWAYS, "threshold": 0})
    watching.look(minutes=1)
    (over,) = alerts.list()
    assert (over.state, over.ack_by) == ("RESOLVED", None)
    with pytest.raises(ConflictError, match="nothing to acknowledge"):
        alerts.acknowledge(alert.id)
    actions = [entry.action for entry in alerts.audit()]
    assert sorted(actions) == ["ACKED", "FIRING", "POLICIES_CHANGED", "POLICIES_CHANGED", "RESOLVED"]


def test_a_policy_names_channels_that_there_are(watching: Watching, kept: KeptRuns) -> None:
    alerts = Alerts(kept)
    policy = {"id": "disk", "channels": ["barn", "hub"], **ALWAYS}
    with pytest.raises(ParameterError, match=r"channels\.yaml, which has none; got 'barn'"):
        alerts.set_policy(policy)

    file = kept.store.settings.home / "channels.yaml"
    file.write_text("version: 1\nchannels: [{id: barn, kind: folder, folder: barn}]\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"which has barn; got 'hub'"):
        alerts.set_policy(policy)
    assert alerts.set_policy(policy | {"channels": ["barn"]}).policy.channels == ["barn"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"threshold": float("nan")}, "`threshold` must be a finite number; got nan."),
        ({"threshold": None}, "`policy` must be right: needs a threshold"),
        (
            {"labels": {"farm": "North"}},
            "`policy` must be right: every alert has these labels of itself: farm",
        ),
        ({"colour": "red"}, "`colour` must not be there: nothing is called so; got 'red'."),
        ({"metric": None}, "`metric` must be"),
    ],
)
def test_what_is_no_policy_is_told_in_a_sentence(kept: KeptRuns, said: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterError) as error:
        Alerts(kept).set_policy({"id": "disk", **ALWAYS} | said)

    assert str(error.value).startswith(told)


def test_lists_begin_with_the_most_severe(watching: Watching, kept: KeptRuns) -> None:
    for severity in ("LOW", "HIGH", "MEDIUM"):
        watching.policy(id=severity.lower(), severity=severity, **ALWAYS)
    watching.look()

    assert [alert.severity for alert in Alerts(kept).list()] == ["HIGH", "MEDIUM", "LOW"]


@pytest.mark.parametrize(
    ("matchers", "hours", "reason", "said"),
    [
        ({}, 1, "why", "name at least"),
        ({"policy": " "}, 1, "why", "name at least"),
        ({"policy": "disk"}, 1, " ", "say why"),
        ({"policy": "disk"}, 91 * 24, "why", "at most 90 days"),
        ({"policy": "disk"}, -1, "why", "later than"),
        ({"moon": "full"}, 1, "why", "be of policy, farm, severity"),
        ({"policy": "=~(a"}, 1, "why", "regular expression"),
    ],
)
def test_a_silence_that_would_be_too_much_is_refused(
    watching: Watching, kept: KeptRuns, matchers: dict[str, str], hours: int, reason: str, said: str
) -> None:
    with pytest.raises(ParameterError, match=said):
        Alerts(kept).silence(matchers, datetime.now(UTC) + timedelta(hours=hours), reason)
    assert Alerts(kept).silences() == ()


def test_a_farm_watches_and_silences_itself_alone(watching: Watching, kept: KeptRuns) -> None:
    north = kept.catalog.farms.add("North")
    kept.catalog.farms.grant("North", "anna", Role.MANAGER)
    anna = Visitor(name="anna", is_at_home=True)
    hers = Alerts(KeptRuns(kept.store, anna, "North"))

    mine = hers.set_policy({"id": "old_file", "metric": "snapshot_age_days", "threshold": 35})
    assert mine.policy.farms == [north.id]
    watching.policy(id="of_all", farms=["My farm"], metric="fail_count", threshold=0)
    assert [item.policy.id for item in hers.policies()] == ["old_file"]
    with pytest.raises(NotFoundError):
        hers.remove_policy("of_all")
    with pytest.raises(NotFoundError):
        hers.set_policy({"id": "of_all", "metric": "fail_count", "threshold": 9})

    later = datetime.now(UTC) + timedelta(hours=1)
    assert hers.silence({"severity": "HIGH"}, later, "moving house").matchers["farm"] == "North"
    others = Alerts(kept).silence({"severity": "HIGH"}, later, "all of it")
    with pytest.raises(NotFoundError):
        hers.expire(others.id)
    assert {entry.object.partition("/")[0] for entry in hers.audit()} == {"policy", "silence"}
    assert {entry.actor for entry in hers.audit()} == {"anna"}, "what others do is not hers to see"
    ended = Alerts(kept).expire(others.id)
    assert Alerts(kept).expire(others.id) == ended


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("metric", list(Watched))
def test_every_alert_has_words(metric: Watched, language: str) -> None:
    facts = {
        "output": "milking_count",
        "level": 400.0,
        "percent": 23.0,
        "percent_low": 20.0,
        "percent_high": 26.0,
        "worst_date": "2026-09-01",
        "report_date": "2026-03-01",
        "value": 3.0,
        "name": "farm.csv",
        "codes": ["late"],
        "before": 400.0,
        "now": 380.0,
        "rule": "dates",
        "failed": 2,
        "happened": 380.0,
        "low": 390.0,
        "high": 420.0,
        "inside": 30,
        "of": 40,
        "cows": 12,
    }
    text = wording(language).say(Message(f"alert.{metric}", facts))

    assert text.endswith(".")
    assert "alert." not in text
    assert "{" not in text
