"""Values as YAML that the reader of this room takes back."""

from typing import Any

import yaml


def yaml_text(values: Any) -> str:
    """Return plain values as YAML, in their order, letters as they are."""
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, default_flow_style=False)
