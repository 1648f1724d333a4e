"""Two libraries for Node.js that verify webhooks take what we sign, with either secret, and nothing else."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.herd_engine.monitoring.notifications.conftest import OLD_SECRET, SECRET, Receiver
from tests.herd_engine.monitoring.notifications.test_dispatch import (
    clock,
    dispatcher,
    enqueue,
    firing,
)
from tests.node_packages import node_file

__all__ = ["clock", "dispatcher"]
OTHER_SECRET = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - of this test
PATIENCE_SECONDS = 300


def judged(package: str, *received: tuple[dict[str, str], bytes, str]) -> list[dict[str, Any]]:
    """Let a library verify messages with secrets; return what it says of each."""
    library = node_file(package, "dist/index.js")
    lines = [
        json.dumps({"headers": headers, "body": base64.b64encode(body).decode(), "secret": secret})
        for headers, body, secret in received
    ]
    done = subprocess.run(
        [shutil.which("node") or "node", str(Path(__file__).with_name("verify.mjs")), str(library)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("package", ["standardwebhooks", "svix"])
def test_a_message_is_taken_with_both_secrets_and_refused_once_anything_is_changed(
    database: Any, home: Path, receiver: Receiver, dispatcher: Any, package: str
) -> None:
    event = enqueue(database, home, firing())
    dispatcher.dispatch()
    [(headers, body)] = receiver.got
    headers = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    anew = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert anew != body
    assert b"firing" in body

    new, old, *refused = judged(
        package,
        (headers, body, SECRET),
        (headers, body, OLD_SECRET),
        (headers, body, OTHER_SECRET),
        (headers, body.replace(b"firing", b"second"), SECRET),
        (headers, body + b" ", SECRET),
        (headers, anew, SECRET),
        (headers | {"webhook-id": "another"}, body, SECRET),
        (headers | {"webhook-timestamp": "1600000000"}, body, SECRET),
        ({"webhook-id": event.id}, body, SECRET),
    )

    assert new == old == {"event": json.loads(body)}
    assert [each.get("refused") for each in refused] == [
        *["No matching signature found"] * 5,
        "Message timestamp too old",
        "Missing required headers",
    ]
