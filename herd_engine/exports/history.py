"""The history of a farm as plain values: ``herd-history/1``."""

from datetime import datetime
from typing import Any

from herd_engine.model.changes import History


def history_document(found: History) -> dict[str, Any]:
    """Return what all kept exports of a farm tell together, fit for JSON."""
    exports = [
        {
            "name": one.name,
            "report_date": one.report_date.isoformat(),
            "counts": one.counts,
            "changes": None if one.changes is None else one.changes.document(),
        }
        for one in found.exports
    ]
    age = found.age(datetime.now().astimezone().date())
    return {"schema": "herd-history/1", "exports": exports, "days_since": age, "events": len(found.events)}
