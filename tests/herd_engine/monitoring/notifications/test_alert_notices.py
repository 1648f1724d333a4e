"""A notice of an alert becomes a message to each channel that its policy names."""

import json

from herd_engine.monitoring.alerts.evaluation import Notice, Subject
from herd_engine.monitoring.notifications.alert_notices import telling
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.storage.alerts import AlertRow
from tests.herd_engine.storage.clocks import START

CHANNELS = """
version: 1
channels:
  - {id: archive, kind: folder, folder: told}
  - {id: other, kind: folder, folder: other}
  - {id: south, kind: folder, folder: south, farms: [South]}
"""


def notice(**changes):
    row = AlertRow(
        id="a1",
        policy_id="milking_floor",
        farm_id="f1",
        labels={},
        severity="HIGH",
        state="FIRING",
        since=START,
        pending_since=None,
        clear_since=None,
        has_no_data=False,
        last_value=0.3,
        threshold=0.2,
        message={"code": "alert.forecast_below", "params": {"value": 0.3}, "severity": "warning"},
        last_evaluated_at=START,
    )
    values = {"type": "alert.firing", "channels": ("archive", "south"), "title": {"en": "Few", "ru": "Мало"}}
    values |= {"alert": row, "subject": Subject(farm_id="f1", farm_name="North"), "at": START}
    return Notice(**(values | changes))


def test_the_channels_of_the_policy_that_want_it_are_told(home):
    (home / "channels.yaml").write_text(CHANNELS)

    [message] = telling(ChannelBook(home), "/herd/test")(notice())

    data = json.loads(message.payload)["data"]
    assert (message.channel_id, message.alert_id, message.farm_id) == ("archive", "a1", "f1")
    assert data["subject"] == "farm/f1/alert/a1"
    assert data["alert"]["title"] == {"en": "Few", "ru": "Мало"}
    assert (data["alert"]["value"], data["alert"]["threshold"]) == (0.3, 0.2)


def test_a_silenced_notice_is_kept_as_muted(home):
    (home / "channels.yaml").write_text(CHANNELS)

    messages = telling(ChannelBook(home), "/herd/test")(notice(muted_by="s1", subject=Subject()))

    assert [(each.channel_id, each.muted_by, each.farm_id) for each in messages] == [
        ("archive", "s1", None),
        ("south", "s1", None),
    ]


def test_links_lead_to_the_alert_and_to_its_farm_where_the_apps_are_served(home):
    (home / "channels.yaml").write_text(CHANNELS)

    [message] = telling(ChannelBook(home), "/herd/test", lambda: "http://127.0.0.1:8866/")(notice())

    assert json.loads(message.payload)["data"]["links"] == {
        "alert": "http://127.0.0.1:8866/alerts?farm=North&alert=a1",
        "apps": "http://127.0.0.1:8866/overview?farm=North",
    }
