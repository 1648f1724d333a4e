"""`herd up` as a service of systemd."""

import sys
from pathlib import Path

UNIT = """\
# systemd unit: put it in /etc/systemd/system/herd.service, then `systemctl enable --now herd`.
[Unit]
Description=Herd Workbench
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
User={user}
Environment=HERD_HOME={home}
ExecStart={python} -P -m herd_engine up --no-browser --workers {workers}
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=45
Restart=on-failure
RestartSec=5
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ReadWritePaths={home}

[Install]
WantedBy=multi-user.target
"""


def systemd_unit(home: Path, user: str, workers: int) -> str:
    """Return the unit for a home, under a user, with this Python."""
    return UNIT.format(home=home.absolute(), user=user, python=sys.executable, workers=workers)
