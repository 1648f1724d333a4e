"""A page: its frame, its language, one pump, one place for failures.

How a page is made, such as `widgets/pages/history.py`:

* what it knows and does is a model in ``view_models``, made of a ``PageModel``;
* each part that is seen is a function in ``views`` that takes the page and the model and returns a widget.
  It makes its widgets, defines ``draw()``, which sets their traits from the model, and says
  ``page.draw_on(model.changed, draw)``. Words come from ``page.texts``; handlers are ``page.guarded``;
* the page is a function that returns ``Page("history", model.page, build)``, where ``build(page)`` returns
  the widgets below the frame, the heading (``views.heading``) first. When the visitor changes the
  language, ``build`` is called again; the models keep what they know;
* a notebook of three cells in `notebooks/apps` shows it: import, ``page = history()``, ``page.display()``.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
from IPython.display import display
from psygnal import SignalInstance

from herd_engine.i18n.catalogue import language_name, languages
from widgets.controls.shell import Shell
from widgets.icons import HELP, icon_svg
from widgets.look import stylesheet
from widgets.pump import Pump
from widgets.texts import Texts
from widgets.view_models.page_model import PageModel
from widgets.views.common.failure import failure_html
from widgets.views.common.standing import standing_html
from widgets.visit import is_voila

APPS = ("overview", "work", "studio", "compare", "data", "history", "alerts", "deliveries", "system")
"""All apps, in the order of the navigation."""
LOOK_SECONDS = 2.0


class Page:
    """What is seen of one visit.

    Parameters
    ----------
    app : str
        Its name, one of ``APPS``.
    model : PageModel
    build : callable
        Returns the widgets of the page, for its current language.
    poll : callable, optional
        As ``Pump``.
    on_left : callable, optional
        As ``Shell``.

    Attributes
    ----------
    root : Box
        The whole page.
    texts : Texts
        Of the current language.
    """

    def __init__(
        self,
        app: str,
        model: PageModel,
        build: Callable[["Page"], Sequence[ipywidgets.Widget]],
        poll: Callable[[], bool] = bool,
        on_left: Callable[[dict[str, str]], None] = lambda _: None,
    ) -> None:
        self.app, self.model, self._build = app, model, build
        self.guarded = model.guarded
        self.texts = Texts(model.language)
        self.pump = Pump(self._guarded_poll(poll), self.send_again)
        self.query: dict[str, str] = {}
        self._listening: list[tuple[SignalInstance, Callable[[], None]]] = []
        self._failure, self._standing = ipywidgets.HTML(), ipywidgets.HTML()
        self._looked_at = float("-inf")
        self._look = self.guarded(model.seen.emit)
        model.seen.connect(model.bell.look)
        self._body = ipywidgets.VBox()
        self._body.add_class("herd-main")
        self._shell = Shell(
            on_language=self._speak,
            on_shown=self._catch_up,
            on_seen=lambda: self.pump.draw(self._look),
            on_left=self.guarded(on_left),
            app=app,
        )
        self.root = ipywidgets.VBox([self._shell, self._standing, self._failure, self._body])
        self.root.add_class("herd-page")
        if not is_voila():
            self.root.children = (ipywidgets.HTML(f"<style>{stylesheet()}</style>"), *self.root.children)
        self.rebuild()

    def display(self) -> None:
        """Show the page, then start its pump and what was left for later."""
        display(self.root)  # type: ignore[no-untyped-call]
        self.pump.start()
        self.model.begin()

    def draw_on(self, signal: SignalInstance, draw: Callable[[], None]) -> None:
        """Draw now, and whenever the signal is heard; until the page is built in another language."""
        view = self.guarded(draw)

        def ask() -> None:
            self.pump.draw(view)

        signal.connect(ask)
        self._listening.append((signal, ask))
        view()

    def tell(self, *, report_date: Any = None, **query: str | None) -> None:
        """Say in the frame of which day the herd is, and in the address what the page shows."""
        self.query = {name: value or "" for name, value in query.items()}
        with self._shell.hold_sync():
            self._shell.query = self.query
            self._shell.report_date = "" if report_date is None else report_date.isoformat()
            if report_date is not None:
                day = self.texts.words.day(report_date)
                self._shell.report_words = self.texts.t("shell.report_date", day=day)

    def remember(self, unkept: dict[str, str]) -> None:
        """Let the browser remember the address of a plan that is not kept."""
        self._shell.unkept = unkept

    def forget(self) -> None:
        """Let the browser forget it."""
        self._shell.forget()

    def go_to_farm(self, farm: str) -> None:
        """Open this app for another farm."""
        self._shell.go_to_farm(farm)

    def rebuild(self) -> None:
        """Build everything in the model's language, and close what was there before."""
        old = self._body.children
        for signal, ask in self._listening:
            signal.disconnect(ask)
        self._listening = []
        self.texts = Texts(self.model.language)
        self._body.children = tuple(self._build(self))
        self.draw_shell()
        self.draw_on(self.model.changed, self._draw_failure)
        self.draw_on(self.model.bell.changed, self._draw_bell)
        for widget in old:
            close_all(widget)

    def send_again(self) -> None:
        """Send the state of all that is shown once more, and whether it is seen, which its layout knows.

        The frame too: it keeps the address, and an address that was missed opens another plan next time.
        """
        for widget in all_of(self.root):
            widget.layout.send_state()
            widget.send_state()

    def _catch_up(self) -> None:
        """Send everything once more to a browser that has just opened the page.

        Voila's browser asks for the state of all widgets, then makes them one after the other; what
        changes in between goes to widgets that it does not have yet, and would be lost.
        """
        if is_voila():
            self.pump.draw(self.send_again)
        self.pump.draw(self._look)

    def _speak(self, language: str) -> None:
        if language in languages() and language != self.model.language:
            self.model.speak(language)
            self.pump.draw(self.guarded(self.rebuild))

    def draw_shell(self) -> None:
        """Show in the frame which apps and farms there are."""
        t, (farm, farms) = self.texts.t, self.model.farms()
        with self._shell.hold_sync():
            self._shell.texts = self.texts.part("shell") | {"product": t("product")}
            self._shell.apps = [
                {"name": name, "label": t(f"app.{name}"), "icon": icon_svg(name)} for name in (*APPS, HELP)
            ]
            self._shell.title = f"{t(f'app.{self.app}')} – {t('product')}"
            self._shell.languages = {item: language_name(item) for item in languages()}
            self._shell.language = self.model.language
            self._shell.farms, self._shell.farm = farms, farm

    def _draw_failure(self) -> None:
        self._failure.value = failure_html(self.model.failure, self.texts)

    def _draw_bell(self) -> None:
        n = self.model.bell.count
        label = self.texts.count("shell.bell", n) if n else self.texts.t("shell.bell_none")
        self._shell.bell = {} if n is None else {"count": n, "label": label, "icon": icon_svg("alerts")}
        how = self.model.bell.service
        label = "" if how is None else self.texts.t(f"shell.service.{how}")
        self._shell.service = {} if how is None else {"state": how, "label": label}

    def look_around(self) -> None:
        """Tell which parts of a living `herd up` are down; every few seconds, for it reads a small file."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._standing.value = standing_html(self.model.workbench.what_is_down(), self.texts)

    def _guarded_poll(self, poll: Callable[[], bool]) -> Callable[[], bool]:
        def ask() -> bool:
            answers: list[bool] = []
            self.guarded(self.look_around)()
            self.guarded(lambda: answers.append(poll()))()
            return bool(answers and answers[0])

        return ask


def all_of(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """Return a widget and all that it contains."""
    return [widget, *(inner for child in getattr(widget, "children", ()) for inner in all_of(child))]


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget and all that it contains, with their layouts and styles."""
    for inner in all_of(widget):
        inner.close()
