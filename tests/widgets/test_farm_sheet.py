"""What a farm says about itself, on the page of data: looked at, changed, kept as a version."""

import pytest

from herd_engine.errors import ParameterError
from herd_engine.model.farm_sheet import FarmSheet
from widgets.controls.form import Form
from widgets.page import all_of
from widgets.pages.data import data
from widgets.view_models.farm_sheet import FarmSheetForm
from widgets.view_models.page_model import PageModel


def test_what_is_typed_is_kept_only_when_told(page: PageModel) -> None:
    sheet = FarmSheetForm(page)
    sheet.refresh()
    sheet.choose("cow_places", 200)
    sheet.choose("breed", "Holstein")
    assert page.workbench.farms.sheet() == FarmSheet()

    sheet.save()

    assert page.workbench.farms.sheet() == FarmSheet(cow_places=200, breed="Holstein")
    assert sheet.version is not None
    sheet.choose("breed", "")
    sheet.save()
    assert page.workbench.farms.sheet() == FarmSheet(cow_places=200)
    assert len(page.workbench.farms.sheet_versions()) == 2


def test_what_a_sheet_cannot_say_is_refused(page: PageModel) -> None:
    sheet = FarmSheetForm(page)
    sheet.refresh()
    sheet.choose("currency", "euro")

    with pytest.raises(ParameterError):
        sheet.save()
    assert page.workbench.farms.sheet() == FarmSheet()


@pytest.mark.parametrize(("language", "label"), [("en", "Places for cows"), ("ru", "Мест для коров")])
def test_the_page_shows_the_sheet(page: PageModel, language: str, label: str) -> None:
    page.workbench.farms.change_sheet(None, {"cow_places": 200})
    page.language = language

    view = data(page)
    view.pump.turn()

    forms = [widget for widget in all_of(view.root) if isinstance(widget, Form)]
    form = next(form for form in forms if any(field["path"] == "cow_places" for field in form.fields))
    assert form.values["cow_places"] == 200
    assert label in [field["label"] for field in form.fields]
