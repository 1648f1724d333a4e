"""Reports: plan → execute → convert → deliver."""

import sys

# nbformat imports jsonschema, which would compile the grammar of internationalised addresses where that is
# installed: 1.6 s in each of a report's two processes, for a format that no notebook has. It does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
