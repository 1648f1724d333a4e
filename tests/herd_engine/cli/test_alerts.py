"""`herd alerts`: what is watched comes from YAML, is set by command, and goes back as YAML."""

import json
from pathlib import Path

from tests.herd_engine.cli.commands import Herd

POLICIES = """
version: 1
policies:
  - {id: disk, metric: disk_free_ratio, operator: "<", threshold: 0.1, for: 10m, labels: {barn: "2"}}
  - {id: old, title: {en: Old, ru: Старый}, metric: snapshot_age_days, operator: ">", threshold: 35}
"""


def test_what_is_exported_is_what_was_imported(herd: Herd, folder: Path) -> None:
    (folder / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    assert herd("alerts", "import", "policies.yaml").out == "disk: version 1\nold: version 1\n"

    exported = herd("alerts", "export").out
    (folder / "again.yaml").write_text(exported, encoding="utf-8")

    assert herd("alerts", "check", "again.yaml").out == "again.yaml: 2 policies\n"
    before = json.loads(herd("alerts", "policies", "--json", "-").out)["policies"]
    herd("alerts", "remove", "disk")
    herd("alerts", "import", "again.yaml")
    after = json.loads(herd("alerts", "policies", "--json", "-").out)["policies"]
    assert [item["policy"] for item in after] == [item["policy"] for item in before]
    assert before[0]["policy"]["labels"] == {"barn": "2"}


def test_what_stands_in_a_file_is_not_exported(herd: Herd, folder: Path) -> None:
    herd("alerts", "export")
    places = folder / "home" / "alerts"
    places.mkdir(parents=True, exist_ok=True)
    (places / "mine.yaml").write_text(POLICIES, encoding="utf-8")

    assert herd("alerts", "export").out == "version: 1\npolicies: []\n"
