import csv
import io

import pytest

from herd_engine.errors import NotFoundError
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.widgets.conftest import Later
from widgets.page import Page, all_of
from widgets.view_models.herd_data import MAX_UPLOAD_BYTES, FileRefusal, HerdData, Stage
from widgets.view_models.page_model import Failure, PageModel
from widgets.view_models.quality import FileQuality
from widgets.views.common.farm_question import farm_question
from widgets.visit import Visit


@pytest.fixture
def data(page: PageModel) -> HerdData:
    return HerdData(page)


def upload(data: HerdData, content: bytes, name: str = "farm.csv", piece: int = 1000) -> None:
    assert data.begin("farm.csv", len(content))
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
    assert not data.begin("huge.csv", MAX_UPLOAD_BYTES + 1)
    data.receive("huge.csv", b"x" * 100)

    assert data.stage is Stage.REFUSED
    assert data.refusal == FileRefusal(name="huge.csv", reason="too_large")
    assert data.received == 0


def test_an_empty_file_is_refused_in_place_of_what_was_refused_before(
    data: HerdData, page: PageModel
) -> None:
    upload(data, b"a,b\n1,2\n")
    page.failure = Failure(id="before")

    assert not data.begin("empty.csv", 0)

    assert data.refusal == FileRefusal(name="empty.csv", reason="empty")
    assert page.failure is None


def test_a_file_that_is_gone_leaves_the_herd_before(data: HerdData, sample_csv: bytes) -> None:
    upload(data, sample_csv)
    before = data.row

    with pytest.raises(NotFoundError):
        data.choose("00000000-0000-4000-8000-000000000000")

    assert (data.stage, data.row) == (Stage.READY, before)


def test_more_than_was_announced_is_not_taken(data: HerdData) -> None:
    data.begin("farm.csv", 10)

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
    herd = make_sample(animals=120, seed=3).csv
    second = workbench.kept.add_dataset(herd, "second.csv")
    data = HerdData(PageModel(workbench, Visit(), later))

    upload(data, b"\n".join(herd.splitlines()[:-1]), "third.csv")
    data.look_at(first.id)
    data.look_at(second.id)
    for task in reversed(later.tasks):
        task()

    assert data.row is not None
    assert data.row.id == second.id
    assert {row.name for row in data.datasets} == {"first.csv", "second.csv", "third.csv"}


def test_the_list_of_issues_can_be_saved_and_holds_no_formula() -> None:
    issue = QualityIssue(
        code="odd", severity=Severity.WARNING, message="=cmd()", row_count=7, sample_rows=(2, 9)
    )

    saved = FileQuality((issue,)).as_csv().decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(saved)))
    assert rows[1] == ["warning", "odd", "'=cmd()", "7", "2 9"]


def test_issues_are_counted_by_severity() -> None:
    issues = [
        QualityIssue(code="a", severity=s, message="m")
        for s in (Severity.ERROR, Severity.INFO, Severity.INFO)
    ]

    assert FileQuality(tuple(issues)).counts() == {"error": 1, "info": 2}


OTHER_HERD = make_sample(animals=120, seed=77).csv


def test_a_herd_of_other_animals_is_asked_about_and_kept_where_the_visitor_says(
    data: HerdData, page: PageModel, sample_csv: bytes
) -> None:
    upload(data, sample_csv)
    before = data.row

    upload(data, OTHER_HERD, "other.csv")

    assert data.stage is Stage.ASKED
    assert data.doubt is not None
    assert (data.doubt.case, data.doubt.last_file, data.doubt.farms) == ("other_animals", "farm.csv", ())
    assert data.row == before
    assert len(page.workbench.catalog.datasets.list().items) == 1  # nothing is kept before the answer

    data.keep_here()
    assert (data.stage, data.doubt) == (Stage.READY, None)
    assert data.row is not None
    assert data.row.name == "other.csv"


def test_the_same_file_in_another_farm_goes_where_it_is_or_nowhere(
    data: HerdData, page: PageModel, sample_csv: bytes
) -> None:
    page.workbench.catalog.farms.add("North")
    north = page.workbench.kept.of_farm("North").catalog.datasets
    kept = north.add(sample_csv, "north.csv")

    upload(data, sample_csv)
    assert data.doubt is not None
    assert (data.doubt.case, data.doubt.farms) == ("same_file", ("North",))
    assert data.keep_in("North") == kept.id
    assert (data.stage, data.doubt, data.datasets) == (Stage.NONE, None, ())

    upload(data, sample_csv)
    data.keep_nowhere()
    assert (data.stage, data.doubt) == (Stage.NONE, None)
    assert len(north.list().items) == 1
    with pytest.raises(NotFoundError):
        data.keep_in("North")


def test_the_question_names_three_animals_and_the_choices(page: PageModel, sample_csv: bytes) -> None:
    data = HerdData(page)
    view = Page("data", page, lambda view: [farm_question(view, data)])
    card = next(each for each in all_of(view.root) if "herd-question" in each._dom_classes)
    upload(data, sample_csv)
    view.pump.turn()
    assert card.children[0].layout.display == "none"

    upload(data, OTHER_HERD, "other.csv")
    view.pump.turn()

    found, choices, _ = card.children
    assert found.layout.display is None
    assert found.value.count("<li") == 3
    assert "None of the animals of other.csv was in farm.csv" in found.value
    assert [button.description for button in choices.children] == [
        "It is of My farm, keep it here",
        "Do not keep it",
    ]
    choices.children[1].click()
    view.pump.turn()
    assert card.children[0].layout.display == "none"
