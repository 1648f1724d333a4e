"""The icon of each page: a line in a square of 24, in the order of the navigation."""

ICONS = {
    "overview": "M4 13h6V4H4zm10 7h6v-9h-6zM4 20h6v-4H4zM14 4v4h6V4z",
    "work": "M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2",
    "studio": "M3 17l5-6 4 4 8-10M3 21h18",
    "compare": "M8 4v16M16 4v16M4 8h8M12 16h8",
    "data": "M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0zm0 0c0 3 16 3 16 0M4 12c0 3 16 3 16 0",
    "history": "M12 8v5l3 2M4 12a8 8 0 1 0 3-6M4 4v4h4",
    "alerts": "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
    "deliveries": "M3 6h18v12H3zM3 7l9 7 9-7",
    "system": "M3 5h18v6H3zM3 13h18v6H3zM7 8h.1M7 16h.1",
    "help": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18M9.5 9.5c0-3.5 5-3.2 5 0 0 2-2.5 2-2.5 4M12 17v.1",
}
HELP = "help"


def icon_svg(name: str) -> str:
    """Return an icon as markup, in the colour of the text beside it."""
    return (
        '<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="{ICONS[name]}"/></svg>'
    )
