"""The demo job: sample → check → forecast → page."""

from dataclasses import dataclass
from pathlib import Path

from herd_engine.model.scenario import PurchasePolicy, Scenario
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench import Execution, Inspection, Workbench
from herd_engine.workbench.files import write_atomically
from herd_engine.workbench.samples import make_sample

ANIMALS = 2000
SCENARIO = Scenario(horizon_months=36, purchase_policy=PurchasePolicy.AUTO_COUNTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo made."""

    inspection: Inspection
    shown: ShownForecast
    page: Path


def make_demo(folder: Path, *, runs: int, language: str = "en", execution: Execution | None = None) -> Demo:
    """Write a sample farm's export and its forecast's page into a folder.

    Parameters
    ----------
    folder : Path
        Made if missing.
    runs : int
        Simulated futures.
    language : str
        Of the page, ``en`` or ``ru``.
    execution : Execution, optional
        Threads and progress.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source, page = folder / "sample.csv", folder / "forecast.html"
    write_atomically(source, make_sample(animals=ANIMALS).csv)
    workbench = Workbench.open()
    herd_file = workbench.read(source)
    forecast = workbench.forecast(herd_file, SCENARIO, runs=runs, execution=execution)
    shown = ShownForecast(workbench=workbench, forecast=forecast, herd_file=lambda: herd_file)
    write_atomically(page, shown.page(language))
    return Demo(inspection=workbench.inspect(herd_file), shown=shown, page=page)
