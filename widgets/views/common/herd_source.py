"""Where the herd comes from: a kept dataset, or a file that is dropped."""

import ipywidgets

from widgets.controls.file_drop import FileDrop
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.herd_data import MAX_UPLOAD_BYTES, HerdData, Stage
from widgets.views.common.farm_question import farm_question
from widgets.views.common.file_questions import file_questions
from widgets.views.common.markup import box, html, tag

MEGABYTE = 2**20


def herd_source(page: Page, data: HerdData, *, has_picker: bool = True) -> ipywidgets.Widget:
    """Return the choice of a dataset, unless the page has another, and the place to drop a file."""
    t, words = page.texts.t, page.texts.words
    limit = words.number(MAX_UPLOAD_BYTES / MEGABYTE)
    drop = FileDrop(
        on_begin=data.begin,
        on_piece=page.guarded(data.receive),
        texts={"choose": t("upload.choose"), "hint": t("upload.hint", limit=limit)},
    )
    picker = Form(on_change=page.guarded(lambda _, dataset_id: _choose(page, data, dataset_id)))
    title, refusal = html(tag("h2", t("data.title"))), html()

    asked = [file_questions(page, data), farm_question(page, data)]
    card = box([title, picker, drop, refusal, *asked], "herd-card", "herd-source-card")

    def draw() -> None:
        choices = [["", t("data.choose")]] if data.row is None else []
        choices += [
            [row.id, t("data.item", name=row.name, day=words.day(row.report_date))] for row in data.datasets
        ]
        label = {"path": "dataset", "kind": "choice", "label": t("data.kept"), "help": "", "group": ""}
        picker.fields = [label | {"choices": choices}]
        picker.values = {"dataset": data.row.id if data.row else ""}
        picker.hidden = [] if data.datasets and has_picker else ["dataset"]
        drop.state = _state(page, data)
        refusal.value = _refusal(page, data)
        (card.add_class if data.stage is Stage.READY else card.remove_class)("ready")

    page.draw_on(data.changed, draw)
    return card


def _choose(page: Page, data: HerdData, dataset_id: object) -> None:
    if isinstance(dataset_id, str) and dataset_id:
        page.model.dismiss()
        data.look_at(dataset_id)


def _state(page: Page, data: HerdData) -> str:
    t, words = page.texts.t, page.texts.words
    match data.stage:
        case Stage.RECEIVING:
            done, whole = (words.number(n / MEGABYTE, 1) for n in (data.received, data.expected))
            return t("upload.receiving", done=done, whole=whole)
        case Stage.READING:
            return t("upload.reading")
        case _:
            return ""


def _refusal(page: Page, data: HerdData) -> str:
    if data.refusal is None or data.stage is not Stage.REFUSED:
        return ""
    title = tag("p", page.texts.t("upload.refused", name=data.refusal.name), "herd-failure-title")
    if data.refusal.reason != "issues":
        limit = page.texts.words.number(MAX_UPLOAD_BYTES / MEGABYTE)
        reason = tag("p", page.texts.t(f"upload.{data.refusal.reason}", limit=limit))
        return f'<div class="herd-failure" role="alert">{title}{reason}</div>'
    issues = "".join(tag("li", page.texts.words.issue(issue)) for issue in data.refusal.issues)
    advice = tag("p", page.texts.t("upload.refused_advice"), "herd-note")
    return f'<div class="herd-failure" role="alert">{title}<ul>{issues}</ul>{advice}</div>'
