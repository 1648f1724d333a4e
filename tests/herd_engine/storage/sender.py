"""A process that sends all messages: each becomes a line of a file, which stands for a receiver."""

import os
import signal
import sys
import time
from pathlib import Path

from herd_engine.storage.attempts import Attempts
from herd_engine.storage.database import open_database
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_rows import AttemptOutcome, SendResult

SENT = SendResult(outcome=AttemptOutcome.SENT, duration_seconds=0.0)


def send_all(url: str, owner: str, received: Path, die_after: int) -> None:
    """Send until nothing is left; after so many sends end as by ``kill -9``, before it is written down."""
    n_sent = 0
    with open_database(url) as database, received.open("a") as receiver:
        outbox, attempts = Outbox(database), Attempts(database)
        while messages := outbox.claim(owner, ["hub"]):
            for message in messages:
                begun = attempts.begin(message, owner, "0" * 64)
                if begun is None:
                    continue
                receiver.write(f"{message.event_id} {owner}\n")
                receiver.flush()
                n_sent += 1
                if n_sent == die_after:
                    os.kill(os.getpid(), signal.SIGKILL)
                attempts.end(begun, SENT, lambda _: ())
                time.sleep(0.001)  # lets others have their turn


if __name__ == "__main__":
    send_all(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
