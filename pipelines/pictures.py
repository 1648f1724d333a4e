"""The pictures of the README: `python -m pipelines.pictures notebooks/images`.

A farm that does not exist is taken through the whole story in a browser: its herd today, a plan that is
changed while the forecast follows, a forecast under way, two plans compared, its records; and on a phone.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench
from herd_engine.workbench.executing import execute_queued, this_cluster
from herd_engine.workbench.samples import make_sample
from pipelines.reports.pdf import chromium_arguments, find_chromium
from pipelines.served_apps import PATIENCE_SECONDS, AppsServer, served

DESK, PHONE = (1200, 800), (390, 760)
ANIMALS, RUNS = 1200, 1000
LONG_RUN = 50_000
PURCHASE = {"date_in": "2026-09-15", "count": 40, "days_pregnant": 150}
PICTURES = ("overview", "forecast", "running", "compare", "data", "phone")


def make_pictures(folder: Path, *, animals: int = ANIMALS, runs: int = RUNS) -> tuple[Path, ...]:
    """Write all pictures into a folder, and return their paths.

    Raises
    ------
    ServiceError
        There is no Chromium, or the apps cannot be served.
    """
    chromium = find_chromium()
    if chromium is None:
        raise ServiceError("pictures", "no Chromium was found; install one, or name it in HERD_CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        forecasts = _make_forecasts(Path(home), animals, runs)
        with (
            served(Path(home), preheat=0) as server,
            playwright.chromium.launch(executable_path=chromium, args=chromium_arguments()) as browser,
        ):
            _desk(browser, server, folder, forecasts)
            _phone(browser, server, folder)
    return tuple(folder / f"{name}.png" for name in PICTURES)


def _make_forecasts(home: Path, animals: int, runs: int) -> tuple[str, ...]:
    """Keep a herd file and two forecasts of it: with a purchase, and as it is; return their ids."""
    workbench = Workbench.open(home)
    sample = make_sample(animals=animals, problems=True)
    dataset = workbench.datasets.add(sample.csv, "herd.csv").dataset.id
    plan = workbench.scenarios.save("Buy 40 in September", {"mc_runs": runs, "purchases": [PURCHASE]})
    submit = workbench.runs.submit
    submitted = (submit(dataset, scenario_id=plan.id), submit(dataset, {"mc_runs": runs}))
    with this_cluster() as cluster:
        execute_queued(workbench, cluster)
    workbench.close()
    return tuple(each.run.id for each in submitted)


def _desk(browser: Browser, server: AppsServer, folder: Path, forecasts: tuple[str, ...]) -> None:
    bought, as_it_is = forecasts
    with _opened(browser, server, "overview?lang=en", DESK) as page:
        _take(page, folder, "overview", "#milking")
    with _opened(browser, server, f"compare?lang=en&runs={as_it_is},{bought}", DESK) as page:
        _take(page, folder, "compare", "#delta")
    with _opened(browser, server, "data?lang=en", DESK) as page:
        _take(page, folder, "data", "#dim")
    with _opened(browser, server, "studio?lang=en", DESK) as page:
        page.locator("#milking .main-svg").first.wait_for()
        page.locator("[data-path=purchase_policy] select").select_option("auto_forecast")
        page.locator("h1", has_text="purchases until then").wait_for()
        page.locator(".herd-heading.herd-stale").wait_for(state="detached")  # it has caught up with the plan
        _take(page, folder, "forecast", "#milking")
        page.locator("[data-path=mc_runs] .herd-number input").fill(str(LONG_RUN))
        page.locator(".herd-start .herd-primary").click()
        page.locator("[role=progressbar]:not([aria-valuenow='0'])").wait_for()
        _take(page, folder, "running", "#milking")
        page.locator(".herd-run > .jupyter-button").click()
        page.locator(".herd-progress .herd-failure-title").wait_for()  # canceled


def _phone(browser: Browser, server: AppsServer, folder: Path) -> None:
    with _opened(browser, server, "overview?lang=ru", PHONE, color_scheme="dark") as page:
        _take(page, folder, "phone", "#milking")


@contextmanager
def _opened(
    browser: Browser, server: AppsServer, address: str, size: tuple[int, int], **look: str
) -> Iterator[Page]:
    width, height = size
    options = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce", **look}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.goto(server.page(address), wait_until="commit")
    yield page
    page.close(run_before_unload=True)
    context.close()


def _take(page: Page, folder: Path, name: str, chart: str) -> None:
    """Take a picture of what is seen at once, when a chart is drawn."""
    page.locator(f"{chart} .main-svg").first.wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")


def main() -> None:
    """Make the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where they go; made if missing")
    make_pictures(parser.parse_args().folder)


if __name__ == "__main__":
    main()
