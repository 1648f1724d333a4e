"""Two people open pages of one server: what the one has is not there for the other, at any address."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from herd_engine.errors import FarmNotFoundError, ForbiddenError, HerdError, NotFoundError, ParameterError
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from tests.widgets.conftest import AtOnce
from widgets.page import Page, all_of
from widgets.pages.compare import compare
from widgets.pages.data import data
from widgets.pages.history import history
from widgets.pages.opening import open_page
from widgets.pages.overview import overview
from widgets.pages.studio import studio
from widgets.view_models.compare import Compare
from widgets.view_models.history import PastRuns
from widgets.view_models.holdings import Holdings
from widgets.view_models.overview import Overview
from widgets.view_models.page_model import PageModel
from widgets.view_models.studio import Studio
from widgets.visit import Visit

MISSING = "00000000-0000-0000-0000-000000000000"
PLAN = {"horizon_months": 12, "mc_runs": 20}
Open = Callable[..., PageModel]


@dataclass(frozen=True)
class Theirs:
    """What Anna has on the farm North."""

    dataset: str
    run: str


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.setenv("HERD_HOME", str(tmp_path))
    whole = Workbench(tmp_path)
    for farm, member in (("North", "anna"), ("South", "boris")):
        whole.farms.add(farm)
        whole.farms.grant(farm, member, "manager")
    return whole


@pytest.fixture
def opened(home: Workbench, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return the page that somebody opens at an address, as the server tells its kernel."""

    def page(user: str, **query: str) -> PageModel:
        monkeypatch.setenv("QUERY_STRING", urlencode(query))
        monkeypatch.setenv("HTTP_X_FORWARDED_USER", user)
        found = open_page()
        return PageModel(found.workbench, found.visit, AtOnce())

    return page


@pytest.fixture
def theirs(home: Workbench, opened: Open, sample_csv: bytes) -> Theirs:
    kept = opened("anna", farm="North").workbench.kept
    dataset = kept.add_dataset(sample_csv, "farm.csv")
    run = kept.submit(dataset.id, PLAN).run
    work(kept)
    return Theirs(dataset.id, run.id)


def failure(page: PageModel) -> HerdError | None:
    return page.failure and page.failure.error


def open_guarded(
    page: PageModel, state: Studio | PastRuns | Compare | Holdings | Overview
) -> HerdError | None:
    page.guarded(state.open)()
    return failure(page)


@pytest.mark.parametrize("name", ["run", "dataset"])
def test_an_address_with_anothers_id_says_what_it_says_of_nobodys(
    opened: Open, theirs: Theirs, name: str
) -> None:
    said = []
    for wanted in (getattr(theirs, name), MISSING):
        page = opened("boris", **{name: wanted})
        studio = Studio(page)
        error = open_guarded(page, studio)
        assert isinstance(error, NotFoundError)
        assert (studio.data.row, studio.run_panel.run, studio.forecast) == (None, None, None)
        said.append(str(error).replace(wanted, "ID"))

    assert said[0] == said[1]
    own = opened("anna", **{name: getattr(theirs, name)}, farm="North")
    assert open_guarded(own, Studio(own)) is None


def test_other_pages_know_nothing_of_it_either(opened: Open, theirs: Theirs) -> None:
    ids = f"{theirs.run},{MISSING}"
    for make, query in (
        (Compare, {"runs": ids, "base": theirs.run}),
        (PastRuns, {"run": theirs.run}),
        (Holdings, {"dataset": theirs.dataset}),
    ):
        page = opened("boris", **query)
        assert isinstance(open_guarded(page, make(page)), NotFoundError), make
    page = opened("boris")
    overview, history = Overview(page), PastRuns(page)
    overview.open()
    history.open()
    assert (overview.now, history.rows) == (None, ())


def test_a_farm_that_is_anothers_is_one_that_is_not_there(
    home: Workbench, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for farm in ("North", "Nowhere", home.farms.find("North").id):
        monkeypatch.setenv("QUERY_STRING", urlencode({"farm": farm}))
        monkeypatch.setenv("HTTP_X_FORWARDED_USER", "boris")
        page = open_page()
        error = failure(page)
        assert isinstance(error, FarmNotFoundError)
        said.append(str(error).replace(farm, "FARM"))
        assert "North" not in {row.name for row in page.workbench.catalog.farms.list(archived=True)}
    assert len(set(said)) == 1


@pytest.mark.parametrize("name", ["delete", "cancel", "pin", "rename", "star", "verify"])
def test_nobody_changes_what_is_anothers_on_a_farm_that_is_not_theirs(
    opened: Open, theirs: Theirs, home: Workbench, name: str
) -> None:
    kept, whole = opened("boris").workbench.kept, home.of("local", "North")
    before = whole.kept.get(theirs.run)
    if name == "delete":
        assert [each.reason for each in kept.delete([theirs.run]).skipped] == ["not_found"]
    else:
        arguments = ("Mine",) if name == "rename" else ()
        with pytest.raises(NotFoundError):
            getattr(kept, name)(theirs.run, *arguments)
    assert whole.kept.get(theirs.run) == before


def test_on_a_shared_farm_a_viewer_looks_and_changes_nothing(
    opened: Open, theirs: Theirs, home: Workbench, sample_csv: bytes
) -> None:
    home.farms.grant("North", "vera", "viewer")
    page = opened("vera", farm="North", run=theirs.run)
    studio = Studio(page)
    assert open_guarded(page, studio) is None
    assert studio.forecast is not None

    studio.run_panel.start(theirs.dataset, PLAN)
    assert isinstance(failure(page), ForbiddenError)
    for attempt in (
        lambda: page.workbench.kept.delete([theirs.run]),
        lambda: page.workbench.kept.pin(theirs.run),
        lambda: page.workbench.kept.add_dataset(sample_csv, "other.csv"),
        lambda: page.workbench.catalog.farms.rename("North", "Mine"),
        lambda: page.workbench.catalog.farms.archive("North"),
    ):
        with pytest.raises(ForbiddenError):
            attempt()


def test_in_a_home_without_members_all_see_all_and_leave_others_runs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_csv: bytes
) -> None:
    monkeypatch.setenv("HERD_HOME", str(tmp_path))
    anna, boris = (
        Workbench(tmp_path, Visit.from_environment({"HTTP_X_FORWARDED_USER": name}).visitor)
        for name in ("anna", "boris")
    )
    run = anna.kept.submit(anna.kept.add_dataset(sample_csv, "farm.csv").id, PLAN).run

    assert boris.kept.get(run.id) == run
    for attempt in (boris.kept.cancel, boris.kept.pin, boris.kept.star):
        with pytest.raises(ForbiddenError):
            attempt(run.id)
    assert Workbench(tmp_path, Visit().visitor).kept.pin(run.id).pinned


def test_a_visitor_who_is_called_as_the_owner_is_not_the_owner(home: Workbench) -> None:
    for name in ("local", "key:12345678", "plan:weekly", "group:vets"):
        visit = Visit.from_environment({"HTTP_X_FORWARDED_USER": name, "HTTP_X_FORWARDED_GROUPS": "vets, x"})
        assert (visit.owner, visit.visitor.is_owner) == (f"user:{name}", False)
        assert visit.groups == ("vets", "x")
    with pytest.raises(ParameterError):
        Visit.from_environment({"HTTP_X_FORWARDED_USER": "a" * 300})
    nameless = Visit.from_environment({"HTTP_X_FORWARDED_GROUPS": "vets"})
    assert (nameless.groups, nameless.visitor.is_owner) == ((), True)


@pytest.mark.parametrize("farm", ["", "North"])
@pytest.mark.parametrize("make", [overview, studio, compare, data, history])
def test_to_whom_no_farm_is_open_each_page_says_so(
    home: Workbench, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Page], farm: str
) -> None:
    home.farms.grant(None, "anna", "viewer")
    monkeypatch.setenv("HTTP_X_FORWARDED_USER", "nobody")
    monkeypatch.setenv("QUERY_STRING", urlencode({"farm": farm, "run": MISSING}))

    page = make()

    said = "".join(str(getattr(widget, "value", "")) for widget in all_of(page.root))
    assert "No farm is open to you yet" in said
    assert (page.model.farms(), "North" in said) == (("", []), False)
