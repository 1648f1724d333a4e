"""What went wrong, what it means, what to do, and an id to quote."""

from herd_engine.i18n.error_words import error_text
from widgets.texts import Texts
from widgets.view_models.page_model import Failure
from widgets.views.common.markup import tag


def failure_html(failure: Failure | None, texts: Texts) -> str:
    """Return a panel about a failure; nothing where there is none."""
    if failure is None:
        return ""
    if failure.error is not None:
        inner = tag("p", texts.t("failure.refused"), "herd-failure-title")
        inner += tag("p", error_text(failure.error, texts.words))
    else:
        inner = (
            tag("p", texts.t("failure.fault"), "herd-failure-title")
            + tag("p", texts.t("failure.what_to_do"))
            + tag("p", texts.t("failure.id", id=str(failure.id)), "herd-note")
        )
    return f'<div class="herd-failure" role="alert">{inner}</div>'
