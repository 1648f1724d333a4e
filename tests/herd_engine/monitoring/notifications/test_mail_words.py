"""A mail says in its reader's language what happened, where, and since when."""

import pytest

from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.monitoring.alerts.policy import Watched
from herd_engine.monitoring.notifications.channels import MailChannel
from herd_engine.monitoring.notifications.events import OutgoingEvent
from herd_engine.monitoring.notifications.mail_words import mail_of, subject
from tests.herd_engine.monitoring.notifications.test_dispatch import START, example_row

TITLE = {"en": "Too few cows in milk", "ru": "Мало дойных коров"}
CASES = [
    ("alert.firing", "en", "Urgent: Too few cows in milk · North", "Since 2026-02-26 12:00 (UTC)."),
    ("alert.firing", "ru", "Срочно: Мало дойных коров · North", "С 2026-02-26 12:00 (UTC)."),
    ("alert.resolved", "ru", "Прошло: Мало дойных коров · North", "С 2026-02-26 12:00 (UTC)."),
    ("channel.disabled", "ru", "В канал hub больше ничего не отправляется", "ни одна попытка"),
    ("test.ping", "en", "Test: this channel works", "Message e1"),
]


@pytest.mark.parametrize(("kind", "language", "subject", "line"), CASES)
def test_a_mail_speaks_its_readers_language(kind, language, subject, line):
    about = {
        "alert": {"alert": {"id": "a1", "title": TITLE, "since": START.isoformat()}},
        "channel": {"channel": {"id": "hub", "reason": "FAILED_FOR_DAYS"}},
    }
    farm = ("f1", "North") if kind.startswith("alert") else None
    event = OutgoingEvent(
        type=kind,
        at=START,
        source="/herd/test",
        subject="…",
        severity="HIGH",
        data=about.get(kind.partition(".")[0], {}),
        farm=farm,
    )
    channel = MailChannel(
        id="barn-mail",
        kind="mail",
        server="mail.example",
        sender="herd@farm.example",
        to=["anna@farm.example"],
        language=language,
    )

    mail = mail_of(example_row(event_type=kind, payload=event.body()), channel)

    assert mail["Subject"] == subject
    assert line in mail.get_content()
    assert mail["Message-ID"] == "<e1@herd-workbench>"


def test_an_alert_that_nobody_named_is_called_what_is_watched():
    alert = {
        "policy": "stale_export",
        "title": "stale_export",
        "message": {"code": "alert.snapshot_age_days"},
    }

    told = subject(wording("ru"), "alert.firing", "MEDIUM", {"alert": alert})

    assert told == "Внимание: Возраст последней выгрузки стада, в днях"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("metric", Watched)
def test_what_nobody_named_is_called_what_is_watched_also_where_nothing_can_be_said(metric, language):
    alert = {
        "policy": "p1",
        "title": "p1",
        "message": {"code": "alert.no_data"},
        "labels": {"metric": metric.value},
    }
    words = wording(language)

    assert words.text(f"watched.{metric}") in subject(words, "alert.no_data", "MEDIUM", {"alert": alert})


def test_a_mail_says_since_when_as_people_of_the_farm_say_it():
    alert = {"id": "a1", "title": TITLE, "since": START.isoformat(), "time_zone": "Asia/Novosibirsk"}
    event = OutgoingEvent(
        type="alert.firing",
        at=START,
        source="/herd/test",
        subject="…",
        severity="HIGH",
        data={"alert": alert},
    )
    channel = MailChannel(
        id="m", kind="mail", server="mail.example", sender="herd@farm.example", to=["anna@farm.example"]
    )

    mail = mail_of(example_row(event_type="alert.firing", payload=event.body()), channel)

    assert "Since 2026-02-26 19:00 (Asia/Novosibirsk)." in mail.get_content()
