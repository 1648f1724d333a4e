"""Service, runner and watches, struck at random while somebody asks: nothing is lost, nothing is there twice.

Each is killed as by ``kill -9``, the watches are also stopped and let go on, at moments that chance chooses.
"""

import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.operations.ports import free_port
from herd_engine.sample import make_sample
from herd_engine.storage.idempotency import FINISHED
from herd_engine.storage.runs import MAX_ATTEMPTS, WORKER_LOST
from herd_engine.storage.tables import idempotency, run, submission
from tests.herd_engine.api.test_process import wait_until_ready
from tests.herd_engine.monitoring.notifications.conftest import receiver
from tests.herd_engine.monitoring.watches import QUICK, Watches, wait, watches

__all__ = ["receiver", "watches"]
pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
N_STRIKES = 20
AGAIN = (409, 429, 500, 503)
"""Answers after which a client asks once more with its key: of a process that is gone, or busy."""


class Asking:
    """The service and the runner of a home, and somebody who asks for forecasts, each with a key."""

    def __init__(self, watches: Watches) -> None:
        self._watches, self._port = watches, free_port()
        self._base = f"http://127.0.0.1:{self._port}"
        self.answers: dict[str, tuple[dict[str, object], bytes]] = {}
        self._start = {"api": self._serve, "worker": self._work}
        self.processes = {name: start() for name, start in self._start.items()}
        wait_until_ready(self._base, self.processes["api"])
        files = {"file": ("farm.csv", make_sample(animals=60, seed=2).csv)}
        self._dataset = self._ask("/datasets", "file", files=files).json()["id"]

    def _serve(self) -> subprocess.Popen[bytes]:
        return self._watches.run("-m", "herd_engine", "api", "--port", self._port, "--no-runner", "--home")

    def _work(self) -> subprocess.Popen[bytes]:
        return self._watches.run("-m", "herd_engine", "worker", "--threads", 1, "--home")

    def kill(self, name: str) -> None:
        """Kill a part for good and start another."""
        self.processes[name].kill()
        self.processes[name].wait()
        self.processes[name] = self._start[name]()

    def ask_for_a_run(self) -> None:
        """Ask for another forecast until there is an answer."""
        number = len(self.answers) + 1
        payload = {"horizon_months": 3, "mc_runs": 20, "seed": number}
        wish = {"dataset_id": self._dataset, "payload": payload}
        self.answers[f"key-{number}"] = wish, self._ask("/runs", f"key-{number}", json=wish).content

    def ask_again(self, key: str) -> bytes:
        return self._ask("/runs", key, json=self.answers[key][0]).content

    def runs_under_way(self) -> list[sa.Row[Any]]:
        return [row for row in self._rows(run) if RunStatus(row.status).is_active]

    def _rows(self, table: sa.Table) -> Sequence[sa.Row[Any]]:
        with self._watches.kept.store.database.reading() as connection:
            return connection.execute(sa.select(table)).all()

    def assert_each_answered_once(self) -> None:
        """Of each wish there is one run, whole; asked once more, each gets the bytes that it got."""
        rows = self._rows(run)
        assert len(rows) == len(self.answers)
        assert Counter(row.run_id for row in self._rows(submission)) == Counter(row.id for row in rows)
        good = [row for row in rows if row.status == RunStatus.SUCCEEDED]
        given_up = [(row.error_code, row.attempt) for row in rows if row not in good]
        # Whose runner was killed three times in a row is given up, and says so.
        assert set(given_up) <= {(WORKER_LOST, MAX_ATTEMPTS)}
        assert [fault for row in good for fault in self._watches.kept.verify(row.id)] == []
        assert {row.state for row in self._rows(idempotency)} == {FINISHED}
        assert {key: self.ask_again(key) for key in self.answers} == {
            key: answer for key, (_, answer) in self.answers.items()
        }

    def _ask(self, path: str, key: str, **body: object) -> httpx.Response:
        token = (self._watches.settings.home / "access.key").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        found: list[httpx.Response] = []

        def is_answered() -> bool:
            try:
                answer = httpx.post(f"{self._base}/api/v1{path}", headers=headers, timeout=60, **body)  # type: ignore[arg-type]
            except httpx.TransportError:
                return False
            assert answer.is_success or answer.status_code in AGAIN, answer.text
            found.append(answer)
            return answer.is_success

        wait(is_answered)
        return found[-1]


@pytest.mark.parametrize("seed", [1])
def test_twenty_strikes_lose_nothing_and_double_nothing(watches: Watches, seed: int) -> None:
    chance = np.random.default_rng(seed)
    for _ in range(2):
        watches.start(QUICK)
    watches.set_policy()
    wait(watches.all_told)
    asking = Asking(watches)

    for _ in range(N_STRIKES):
        asking.ask_for_a_run()
        watches.set_policy()
        watches.end_one()
        time.sleep(chance.uniform(0, 1))
        victim = ("api", "worker", "watch")[chance.integers(3)]
        if victim == "watch":
            watches.strike(chance)
        else:
            asking.kill(victim)
        asking.ask_for_a_run()

    wait(watches.all_told)
    watches.assert_each_told_once()
    wait(lambda: not asking.runs_under_way())
    asking.assert_each_answered_once()
