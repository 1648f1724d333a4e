"""The farms as a list."""

from typing import Any

import ipywidgets

from herd_engine.workbench.answers import Farm
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.holdings import FarmList, Holdings
from widgets.views.common.markup import box, html, tag


def farm_list(page: Page, holdings: Holdings) -> ipywidgets.Widget:
    """Return the list of farms: rename, make default, archive; and the way to add one."""
    t, farms = page.texts.t, holdings.farms
    items = Items(
        on_act=page.guarded(lambda name, farm_id, value: _act(farms, name, farm_id, value)),
        label=t("farms.title"),
        texts=page.texts.part("items"),
    )
    name = ipywidgets.Text(description=t("farms.new"))
    name.add_class("herd-new-farm")
    add = ipywidgets.Button(description=t("farms.add"))

    def on_add(_: object) -> None:
        row = farms.add(name.value)
        name.value = ""
        page.go_to_farm(row.name)  # whoever adds a farm means to work with it

    add.on_click(page.guarded(on_add))

    def draw() -> None:
        items.items = [_item(page, row, farms.current) for row in farms.rows]
        page.draw_shell()

    page.draw_on(farms.changed, draw)
    title = html(tag("h2", t("farms.title")) + tag("p", t("farms.note"), "herd-note"))
    return box([title, items, box([name, add], "herd-saving")], "herd-card")


def _act(farms: FarmList, name: str, farm_id: str, value: str) -> None:
    if name == "rename":
        farms.rename(farm_id, value)
    elif name == "default":
        farms.make_default(farm_id)
    else:
        farms.archive(farm_id, archived=name == "archive")


def _item(page: Page, row: Farm, current: Farm) -> dict[str, Any]:
    t, is_archived = page.texts.t, row.archived_at is not None
    actions: list[dict[str, Any]] = [{"name": "rename", "label": t("farms.rename"), "asks": row.name}]
    if is_archived:
        actions.append({"name": "restore", "label": t("holdings.restore")})
    else:
        if not row.is_default:
            actions.append({"name": "default", "label": t("farms.make_default")})
        reason = t("farms.is_default") if row.is_default else t("farms.is_shown")
        kept = {"reason": reason} if row.is_default or row.id == current.id else {}
        actions.append({"name": "archive", "label": t("holdings.archive"), **kept})
    badges = {"farms.default": row.is_default, "holdings.archived": is_archived}
    return {
        "id": row.id,
        "title": row.name,
        "badge": ", ".join(t(key) for key, is_so in badges.items() if is_so),
        "note": t("farms.here") if row.id == current.id else "",
        "picked": False,
        "actions": actions,
    }
