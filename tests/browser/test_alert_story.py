"""A herd that shrinks: two clicks set a floor, others are told, heifers are bought, and it is over."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
import standardwebhooks
from playwright.sync_api import Browser, Page, expect

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, PHONE, Apps, served
from tests.herd_engine.monitoring.notifications import conftest as receivers
from tests.pipelines.reports import test_deliver

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)
receiver, mailbox = receivers.receiver, test_deliver.mailbox

CHANNELS = """
version: 1
channels:
  - {{id: hub, kind: webhook, url: "{url}", secrets: ["${{HUB_SECRET}}"], allow: [127.0.0.0/8]}}
  - {{id: anna, kind: mail, language: ru, server: 127.0.0.1, port: {port}, security: none,
     sender: herd@farm.example, to: [anna@farm.example]}}
"""
REPORT_DATE = date(2026, 2, 26)
"""Of ds2; it is told as a file of today, as months that are past are not watched."""
LATER = datetime.now(UTC).date() - REPORT_DATE
HEIFERS = {
    "date_in": (REPORT_DATE + LATER + timedelta(days=10)).isoformat(),
    "count": 200,
    "days_pregnant": 240,
}
FLOOR = 720
"""Within a year the median of milking cows falls from 837 to 741, P5 to 634; 200 heifers lift that to 808."""
Y_OF_FLOOR = f"""() => {{
    const chart = document.querySelector("#milking");
    const axis = chart._fullLayout.yaxis;
    return chart.getBoundingClientRect().top + axis._offset + axis.d2p({FLOOR});
}}"""


@pytest.fixture
def apps(
    tmp_path: Path,
    data_dir: Path,
    receiver: receivers.Receiver,
    mailbox: tuple[test_deliver.Mailbox, int],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Apps, str]]:
    """The farm of ds2, its plan, and another forecast of it, in which heifers are bought: its id."""
    monkeypatch.setenv("HUB_SECRET", receivers.SECRET)
    kept = Workbench(tmp_path, "local", None).kept
    (tmp_path / "channels.yaml").write_text(CHANNELS.format(url=receiver.url, port=mailbox[1]))
    dataset = kept.add_dataset(as_of_today((data_dir / "ds2.csv").read_text("utf-8")), "ds2.csv").id
    asked = {"mc_runs": 200, "horizon_months": 12}
    plan, buying = (kept.submit(dataset, asked | more).run.id for more in ({}, {"purchases": [HEIFERS]}))
    with open_cluster(ClusterSettings()) as cluster:
        Runner(kept.store, cluster).work(Event(), until_idle=True)
    Workbench(tmp_path, "local", None).runs.star(plan)
    kept.close()
    with served(tmp_path, "--preheat", "0") as apps:
        yield apps, buying


def as_of_today(export: str) -> bytes:
    """Return an export with all of its days as much later."""

    def later(day: re.Match[str]) -> str:
        moved = datetime.strptime(day[0], "%d.%m.%Y").replace(tzinfo=UTC) + LATER
        return moved.strftime("%d.%m.%Y")

    return re.sub(r"\b\d\d\.\d\d\.\d{4}\b", later, export).encode()


def watch(home: Path) -> None:
    """Look once at what is watched, as `herd watch` does each minute."""
    command = [sys.executable, "-m", "herd_engine", "watch", "--once", "--home", str(home)]
    subprocess.run(command, check=True, env=os.environ, timeout=PATIENCE_MS / 1000)


def set_floor(page: Page) -> None:
    """Click on the chart, then on the button."""
    chart = page.locator("#milking")
    chart.locator(".main-svg").first.wait_for()
    expect(page.get_by_role("button", name="Warn me")).to_be_disabled()
    chart.scroll_into_view_if_needed()
    frame = chart.bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + frame["width"] / 2, page.evaluate(Y_OF_FLOOR))
    expect(page.get_by_role("textbox", name="Warn me when milking cows fall below")).to_have_value(str(FLOOR))
    page.get_by_role("button", name="Warn me").click()
    expect(page.locator(".herd-floor")).to_contain_text("Told: hub, anna.")


def test_two_clicks_warn_of_a_shrinking_herd_until_heifers_are_bought(
    browser: Browser,
    apps: tuple[Apps, str],
    receiver: receivers.Receiver,
    mailbox: tuple[test_deliver.Mailbox, int],
) -> None:
    server, buying = apps
    with server.visit(browser, app="overview") as visit:
        page = visit.page
        set_floor(page)
        watch(server.home)
        (headers, body), (mail,) = receiver.got[0], mailbox[0].messages
        standardwebhooks.Webhook(receivers.SECRET).verify(body, headers)
        assert json.loads(body)["data"]["alert"]["state"] == "FIRING"
        assert mail["Subject"].startswith(f"Срочно: Дойные: меньше {FLOOR}")

        page.get_by_role("link", name="1 alert that nobody looks after").click()  # the bell, within seconds
        expect(page.locator("h1")).to_contain_text("1 warning holds now.")
        page.locator("#crossed .main-svg").first.wait_for()
        page.get_by_role("button", name=f"I look after it: Milking cows below {FLOOR}").click()
        page.get_by_role("textbox", name="I look after it").fill("heifers are looked for")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Somebody looks after it.")
        expect(page.get_by_role("link", name="Alerts: nothing new")).to_be_visible()
        page.get_by_role("button", name=f"Pause messages for a day: Milking cows below {FLOOR}").click()
        page.get_by_role("textbox", name="Pause messages for a day").fill("known")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Send messages again")).to_be_visible()

        page.goto(server.page("studio", f"?lang=en&run={buying}"))
        page.get_by_role("button", name="Make it the farm’s plan").click()
        expect(page.get_by_role("button", name="No longer the farm’s plan")).to_be_visible()
        watch(server.home)
        page.goto(server.page("alerts", "?lang=en"))
        expect(page.locator("h1")).to_contain_text("All is well")
        expect(page.locator(".herd-alerts")).to_contain_text("is over")
        assert len(receiver.got) == 1  # messages were paused

        page.set_viewport_size(PHONE)
        narrow = f"document.documentElement.scrollWidth <= {PHONE['width']}"
        page.wait_for_function(narrow, timeout=PATIENCE_MS)  # pictures follow the window a moment later
