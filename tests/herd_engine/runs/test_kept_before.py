"""A forecast that version 0.2.0 kept is opened, verified, told in Russian, and made again or said why not.

``kept_before/home_0_2_0.zip`` is the folder of that version after ``herd sample --animals 150 --seed 3``,
``herd runs submit sample.csv --set mc_runs=20 --set horizon_months=12 --set seed=5`` and ``herd worker``,
without the table of outputs, which is made anew.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from herd_engine.model.forecast import Metric
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench import Workbench
from tests.third_language import seen_in

HOME = Path(__file__).parent / "kept_before" / "home_0_2_0.zip"
RUN = "d01f4a07-607b-446c-91fa-998e4ad8dc08"
RUN_HASH = "1fec87790a7f81aaffd6dc7cce1bce42ecc517f2f4cc243cfd03b9d9fe41c22a"
ENGLISH_WORDS = re.compile(r"\b(the|of|and|with|herd|animals|futures|forecast)\b")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with zipfile.ZipFile(HOME) as archive:
        archive.extractall(tmp_path / "home")
    found = Workbench.open(tmp_path / "home")
    yield found
    found.close()


def test_it_is_found_and_its_files_are_as_they_were_published(bench: Workbench) -> None:
    run = bench.runs.get(RUN)

    assert (run.status, run.engine_version, run.run_hash) == ("succeeded", "0.2.0", RUN_HASH)
    assert bench.kept.verify(RUN) == ()
    assert bench.kept.verify_chain() == ()


def test_it_is_told_in_russian(bench: Workbench) -> None:
    shown = ShownForecast(
        workbench=bench, forecast=bench.runs.forecast(RUN), herd_file=lambda: bench.runs.herd_file(RUN)
    )
    texts = [text for text in seen_in(shown.page("ru").decode()) if "sample.csv" not in text]

    assert shown.forecast.meta.warnings
    assert any("поголовье" in text.lower() or "коров" in text.lower() for text in texts)
    assert [text for text in texts if ENGLISH_WORDS.search(text)] == []


def test_it_is_made_again_or_every_number_that_differs_is_told(bench: Workbench) -> None:
    published = bench.runs.forecast(RUN)
    changed = {file.name: file for file in bench.kept.reproduce(RUN)}

    assert published.meta.runs == 20
    assert published.value(Metric.MILKING_COUNT, "p50", 0) is not None
    assert changed == {}
