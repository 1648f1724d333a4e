"""The benchmark of outputs, at its smallest."""

import pytest

from pipelines.bench.outputs import outputs_figures


@pytest.mark.slow
def test_every_question_is_measured_cold_and_cached() -> None:
    figures = {figure.name: figure for figure in outputs_figures(n_runs=3)}

    names = [name for name in figures if "append" not in name]
    assert len(names) == len(figures) - 2 == 2 * 2 * 6  # layouts, cold and cached, questions
    assert all(figures[name].value > 0 for name in figures)
    assert {figures[name].unit for name in names} == {"ms"}
