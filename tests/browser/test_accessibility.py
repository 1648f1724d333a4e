"""Every page as axe-core sees it: nothing serious stands in anybody's way, in light and in dark."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, expect

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.model.forecast import Metric
from herd_engine.monitoring.watch import watch_of
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, Apps, served
from tests.clocks import in_march

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

AXE = Path(__file__).with_name("axe.min.js").read_text("utf-8")
SERIOUS = """async () => (await axe.run()).violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))"""
SHOWN = {
    "": ".herd-cards",
    "help": ".herd-help-text",
    "overview": "#milking .main-svg",
    "studio": "#milking .main-svg",
    "compare": "#delta .main-svg",
    "data": ".herd-items li",
    "alerts": "#crossed .main-svg",
    "deliveries": ".herd-deliveries .herd-items li",
    "system": ".herd-system table",
    "work": ".herd-work table",
    "history": ".herd-run-list tbody tr",
}
"""What of a page is drawn last."""
AT_REST = """() => new Promise((done) => {
    const changes = new MutationObserver(wait);
    let quiet;
    function wait() {
        clearTimeout(quiet);
        quiet = setTimeout(() => { changes.disconnect(); done(); }, 2000);
    }
    changes.observe(document.body, { childList: true, subtree: true });
    wait();
})"""
"""Settles when nothing has been drawn for two seconds: what is drawn anew has lost its number."""
NUMBER_CONTROLS = """() => {
    const kinds = ".herd-page :is(button, input, select, textarea, a[href], summary)";
    const controls = [...document.querySelectorAll(kinds)]
        .filter((e) => e.checkVisibility() && !e.disabled && !(e.type === "radio" && !e.checked));
    controls.forEach((e, n) => { e.dataset.n = n; });
    return controls.length;
}"""
"""A group of radio buttons is one stop; its arrows lead on."""
BACKGROUNDS = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 23, 26)"}


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Apps, str]]:
    """Apps of a farm with two forecasts of one file and an alert, and an address that names them."""
    home = tmp_path_factory.mktemp("home")
    kept = Workbench(home, "local", None).kept
    dataset = kept.add_dataset(make_sample(animals=400, problems=True).csv, "herd.csv").id
    runs = [kept.submit(dataset, {"mc_runs": 60, "seed": seed}).run.id for seed in (1, 2)]
    with open_cluster(ClusterSettings()) as cluster:
        Runner(kept.store, cluster).work(Event(), until_idle=True)
    _let_an_alert_be_told(Workbench(home, "local", None), runs[0])
    kept.close()
    with served(home, "--preheat", "0") as apps:
        yield apps, f"?lang=en&run={runs[0]}&runs={','.join(runs)}"


def _let_an_alert_be_told(workbench: Workbench, run: str) -> None:
    """Let the plan fall below a floor, and a folder be told of it."""
    text = "version: 1\nchannels: [{id: barn, kind: folder, folder: told}]\n"
    (workbench.home / "channels.yaml").write_text(text)
    workbench.runs.star(run)
    workbench.alerts.set_floor(Metric.MILKING_COUNT, 1000, channels=("barn",))
    watch_of(workbench.kept.store, lambda _: None, in_march).turn()
    workbench.close()


def not_reached(page: Page) -> list[str]:
    """Return the controls that a visitor who presses Tab again and again does not come to."""
    n_controls = page.evaluate(NUMBER_CONTROLS)
    assert n_controls > 5
    page.locator("body").press("Tab")
    reached = set()
    for _ in range(n_controls + 40):  # regions that scroll and tiles are stops too
        reached.add(page.evaluate("document.activeElement.dataset.n"))
        page.keyboard.press("Tab")
    return [
        page.locator(f"[data-n='{n}']").evaluate("e => e.outerHTML.slice(0, 160)")
        for n in range(n_controls)
        if str(n) not in reached
    ]


@pytest.mark.parametrize("app", SHOWN)
def test_nothing_on_a_page_is_a_serious_barrier_in_either_theme(
    browser: Browser, farm: tuple[Apps, str], app: str
) -> None:
    apps, query = farm
    found = {}
    with apps.visit(browser, query, app=app, reduced_motion="reduce") as visit:
        visit.page.locator(SHOWN[app]).first.wait_for()
        visit.page.evaluate(AT_REST)
        assert not_reached(visit.page) == []
        visit.page.evaluate(AXE)
        for theme, background in BACKGROUNDS.items():
            visit.page.get_by_role("combobox", name="Colours").select_option(theme)
            expect(visit.page.locator(".herd-page")).to_have_css("background-color", background)
            found[theme] = visit.page.evaluate(SERIOUS)

    assert found == {"light": [], "dark": []}
