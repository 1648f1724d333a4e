"""The herd files of a farm as a list."""

from typing import Any

import ipywidgets

from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.holdings import HeldFile, Holdings
from widgets.views.common.markup import box, html, tag


def herd_files(page: Page, holdings: Holdings) -> ipywidgets.Widget:
    """Return the list of files: choose, find, rename, archive, delete."""
    t, files = page.texts.t, holdings.files
    items = Items(
        on_pick=page.guarded(lambda dataset_id, _: holdings.data.look_at(dataset_id)),
        on_act=page.guarded(lambda name, dataset_id, value: _act(holdings, name, dataset_id, value)),
        on_search=page.guarded(files.search),
        label=t("data.kept"),
        pick="one",
        texts=page.texts.part("items") | {"search": t("holdings.search")},
    )
    archived = ipywidgets.Button(description="")
    archived.add_class("herd-plain")
    archived.on_click(lambda _: page.guarded(lambda: files.show_archived(shown=not files.has_archived))())

    def draw() -> None:
        shown = holdings.data.row
        items.items = [_item(page, held, shown.id if shown else None) for held in files.files]
        items.empty = t("holdings.not_found" if files.text else "holdings.no_files")
        archived.description = t("holdings.hide_archived" if files.has_archived else "holdings.show_archived")

    page.draw_on(files.changed, draw)
    page.draw_on(holdings.data.chosen, draw)
    return box([html(tag("h2", t("data.kept"))), items, archived], "herd-card", "herd-side")


def _act(holdings: Holdings, name: str, dataset_id: str, value: str) -> None:
    if name == "rename":
        holdings.files.rename(dataset_id, value)
    elif name == "delete":
        holdings.files.delete(dataset_id)
    else:
        holdings.files.archive(dataset_id, archived=name == "archive")


def _item(page: Page, held: HeldFile, shown: str | None) -> dict[str, Any]:
    t, row, words = page.texts.t, held.row, page.texts.words
    is_archived = row.archived_at is not None
    runs = page.texts.count("holdings.runs", held.n_runs)
    away = "restore" if is_archived else "archive"
    if held.n_runs:
        delete = {"reason": page.texts.count("holdings.in_use", held.n_runs)}
    else:
        delete = {"confirm": t("holdings.delete_question", name=row.name)}
    return {
        "id": row.id,
        "title": row.name,
        "badge": t("holdings.archived") if is_archived else "",
        "note": t(
            "holdings.item",
            day=words.day(row.report_date),
            animals=page.texts.count("holdings.animals", sum(row.counts.values())),
            rows=page.texts.count("rows", row.n_rows),
            runs=runs,
        ),
        "picked": row.id == shown,
        "actions": [
            {"name": "rename", "label": t("holdings.rename"), "asks": row.name},
            {"name": away, "label": t(f"holdings.{away}")},
            {"name": "delete", "label": t("holdings.delete"), **delete},
        ],
    }
