"""Every page says which parts of `herd up` are down, in plain words, and that it goes on by itself."""

import pytest

from herd_engine.monitoring.supervision_report import PartReport, PartState
from widgets import page as page_module
from widgets.page import Page
from widgets.texts import Texts
from widgets.view_models.page_model import PageModel
from widgets.views.common.standing import TOLD, standing_html


def part(name: str, state: PartState = PartState.SILENT, reason: str = "it gives no answer") -> PartReport:
    return PartReport(
        name=name, state=state, pid=7, since=None, restarts=1, address="", log="x.log", reason=reason
    )


@pytest.mark.parametrize(("language", "words"), [("en", "wait in the queue"), ("ru", "ждут в очереди")])
def test_a_page_tells_what_is_down_and_why_until_it_is_up_again(
    page: PageModel, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    down = [part("runner")]
    monkeypatch.setattr(type(page.workbench), "what_is_down", lambda _: tuple(down))
    monkeypatch.setattr(page_module, "LOOK_SECONDS", 0)
    page.language = language
    shown = Page("data", page, lambda _: [])

    shown.pump.turn()
    notice = "".join(getattr(child, "value", "") for child in shown.root.children)
    down.clear()
    shown.look_around()
    after = "".join(getattr(child, "value", "") for child in shown.root.children)

    assert words in notice
    assert "runner is silent: it gives no answer" in notice
    assert 'role="status"' not in after


def test_every_part_has_words_of_its_own_and_a_name_is_never_markup() -> None:
    texts = Texts("en")
    told = {name: standing_html([part(name)], texts) for name in TOLD}

    assert len(set(told.values())) == len(TOLD)
    assert "<b>" not in standing_html([part("<b>")], texts)
