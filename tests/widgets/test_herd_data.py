import csv
import io

import pytest

from herd_engine.datasets.sample import make_sample
from herd_engine.errors import NotFoundError
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.workbench import Workbench
from tests.widgets.conftest import Later
from widgets.view_models.herd_data import MAX_UPLOAD_BYTES, HerdData, Stage
from widgets.view_models.page_model import PageModel
from widgets.view_models.quality import Quality
from widgets.visit import Visit


@pytest.fixture
def data(page: PageModel) -> HerdData:
    return HerdData(page)


def upload(data: HerdData, content: bytes, name: str = "farm.csv", piece: int = 1000) -> None:
    assert data.begin(len(content))
    for start in range(0, len(content), piece):
        data.receive(name, content[start : start + piece])


def test_a_file_that_comes_in_pieces_is_kept_and_chosen(data: HerdData, sample_csv: bytes) -> None:
    stages: list[Stage] = []
    data.changed.connect(lambda: stages.append(data.stage))

    upload(data, sample_csv)

    assert list(dict.fromkeys(stages)) == [Stage.RECEIVING, Stage.READING, Stage.READY]
    assert data.row is not None
    assert data.row.name == "farm.csv"
    assert data.herd_file is not None
    assert data.herd_file.herd.n_animals == 150
    assert [row.id for row in data.datasets] == [data.row.id]


def test_a_file_that_is_no_herd_is_refused_with_its_problems_and_the_herd_before_stays(
    data: HerdData, sample_csv: bytes
) -> None:
    upload(data, sample_csv)
    before = data.row

    upload(data, b"colour,shape\nred,round\n", "toys.csv")

    assert data.stage is Stage.REFUSED
    assert data.refusal is not None
    assert data.refusal.name == "toys.csv"
    assert any(issue.blocking for issue in data.refusal.issues)
    assert data.row == before


def test_a_file_beyond_the_limit_is_refused_before_it_comes(data: HerdData) -> None:
    assert not data.begin(MAX_UPLOAD_BYTES + 1)
    data.receive("big.csv", b"x" * 100)

    assert data.stage is Stage.NONE
    assert data.received == 0


def test_more_than_was_announced_is_not_taken(data: HerdData) -> None:
    data.begin(10)

    data.receive("x.csv", b"x" * 11)

    assert data.received == 0
    assert data.stage is Stage.RECEIVING


def test_the_same_file_again_is_one_dataset(data: HerdData, sample_csv: bytes) -> None:
    upload(data, sample_csv)
    upload(data, sample_csv, "again.csv")

    assert len(data.datasets) == 1


def test_a_dataset_of_nobody_is_not_found(data: HerdData) -> None:
    with pytest.raises(NotFoundError, match="There is no dataset"):
        data.choose("00000000-0000-4000-8000-000000000000")


def test_whichever_herd_was_wished_for_last_is_shown(
    workbench: Workbench, sample_csv: bytes, later: Later
) -> None:
    first = workbench.kept.add_dataset(sample_csv, "first.csv")
    second = workbench.kept.add_dataset(make_sample(animals=120, seed=3).csv, "second.csv")
    data = HerdData(PageModel(workbench, Visit(), later))

    upload(data, make_sample(animals=100, seed=4).csv, "third.csv")
    data.look_at(first.id)
    data.look_at(second.id)
    for task in reversed(later.tasks):
        task()

    assert data.row == second
    assert {row.name for row in data.datasets} == {"first.csv", "second.csv", "third.csv"}


def test_the_list_of_issues_can_be_saved_and_holds_no_formula() -> None:
    issue = QualityIssue(
        code="odd", severity=Severity.WARNING, message="=cmd()", row_count=7, sample_rows=(2, 9)
    )

    saved = Quality((issue,)).as_csv().decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(saved)))
    assert rows[1] == ["warning", "odd", "'=cmd()", "7", "2 9"]


def test_issues_are_counted_by_severity() -> None:
    issues = [
        QualityIssue(code="a", severity=s, message="m")
        for s in (Severity.ERROR, Severity.INFO, Severity.INFO)
    ]

    assert Quality(tuple(issues)).counts() == {"error": 1, "info": 2}
