"""`herd bench`: how fast, measured here."""


def bench() -> None:
    """Placeholder."""
