"""`herd monitoring export`: the files that Prometheus, Alertmanager and Grafana are given."""

import json
from importlib.resources import files
from pathlib import Path

from herd_engine.workbench.files import make_folder, write_atomically
from pipelines.monitoring.dashboard import dashboard

SCRAPED, RECEIVER = "127.0.0.1:9464", "http://127.0.0.1:9099"
FILES = ("rules.yml", "alertmanager.yml", "prometheus.yml")
RUNBOOK = "RUNBOOK.md"


def export_monitoring(folder: Path, scraped: str = SCRAPED, receiver: str = RECEIVER) -> tuple[Path, ...]:
    """Write the files into a folder; return their paths.

    Parameters
    ----------
    folder : Path
        Made where it is not there; files of these names are replaced.
    scraped : str
        ``host:port`` where the service shows its metrics.
    receiver : str
        Address that alerts are sent to, under ``/page``, ``/desk`` and ``/log``.

    Raises
    ------
    OutputError
        The folder cannot be made, or a file not written.
    """
    here = files("pipelines.monitoring")
    texts = {name: (here / name).read_text("utf-8") for name in FILES}
    texts["prometheus.yml"] = texts["prometheus.yml"].replace(SCRAPED, scraped)
    texts["alertmanager.yml"] = texts["alertmanager.yml"].replace(RECEIVER, receiver.rstrip("/"))
    texts["dashboard.json"] = json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"
    texts[RUNBOOK] = (files("pipelines.deploy") / RUNBOOK).read_text("utf-8")
    make_folder(folder)
    for name, text in texts.items():
        write_atomically(folder / name, text.encode())
    return tuple(folder / name for name in texts)
