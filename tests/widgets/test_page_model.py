import logging
from functools import partial

import pytest

from herd_engine.errors import NotFoundError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.workbench import Workbench
from tests.widgets.conftest import AtOnce
from widgets.texts import Texts
from widgets.view_models.page_model import Failure, PageModel
from widgets.views.common.failure import failure_html
from widgets.visit import Visit


def raise_error(error: Exception) -> None:
    raise error


def test_a_fault_is_shown_with_the_id_that_the_log_has(
    page: PageModel, caplog: pytest.LogCaptureFixture
) -> None:
    page.guarded(raise_error)(ZeroDivisionError("by nought"))

    assert page.failure is not None
    assert page.failure.error is None
    record = caplog.records[-1]
    assert record.levelno == logging.ERROR
    assert page.failure.id in record.getMessage()
    assert "by nought" in str(record.exc_info)


def test_an_error_of_ours_says_itself_and_needs_no_id(page: PageModel) -> None:
    page.guarded(raise_error)(NotFoundError("run", "x"))

    assert page.failure is not None
    assert page.failure.id is None
    assert "There is no forecast x on this farm." in failure_html(page.failure, Texts(ENGLISH))


def test_work_in_the_background_is_guarded_too(page: PageModel) -> None:
    page.later(lambda: raise_error(KeyError("lost")))

    assert page.failure is not None


def test_work_of_a_page_that_is_not_shown_yet_waits_and_is_done_in_order(workbench: Workbench) -> None:
    page = PageModel(workbench, Visit(), AtOnce(), is_shown=False)
    done: list[int] = []
    for n in (1, 2):
        page.later(partial(done.append, n))
    assert done == []

    page.begin()
    page.later(partial(done.append, 3))

    assert done == [1, 2, 3]


def test_whoever_listens_hears_of_a_failure(page: PageModel) -> None:
    heard: list[Failure | None] = []
    page.changed.connect(lambda: heard.append(page.failure))

    page.guarded(raise_error)(ValueError("x"))
    page.dismiss()

    assert heard[0] is not None
    assert heard[1:] == [None]


def test_what_a_panel_says_of_a_failure_is_escaped() -> None:
    markup = failure_html(Failure(error=NotFoundError("run", "<b>no</b>")), Texts(ENGLISH))

    assert "&lt;b&gt;no&lt;/b&gt;" in markup
    assert 'role="alert"' in markup
    assert failure_html(None, Texts(ENGLISH)) == ""
