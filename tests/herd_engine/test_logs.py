"""What is logged: one line a happening, with what it belongs to, and no secrets."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from herd_engine.logs import bound, configure, note

SHOWN = "hk_abcdefgh_0123456789"


class Terminal(io.StringIO):
    """A stream that somebody reads."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is the whole process's: what a test configures is taken back."""
    root, ours = logging.getLogger(), logging.getLogger("herd_engine")
    before = (root.handlers[:], root.level, ours.level)
    yield
    root.handlers[:], root.level, ours.level = before
    logging.captureWarnings(False)


@pytest.fixture
def stream() -> io.StringIO:
    found = io.StringIO()
    configure(found)
    return found


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_in_any_alphabet_and_says_what_it_belongs_to(stream: io.StringIO) -> None:
    log = logging.getLogger("herd_engine.somewhere")
    with bound(request_id="r-1"):
        note(farm="Север")
        with bound(run_id="run-1"):
            log.info("began", extra={"status": 200})
        log.info("went on")
    log.info("is over")

    first, second, third = lines(stream)
    assert "Север" in stream.getvalue()
    assert {name: first[name] for name in ("event", "level", "logger", "status")} == {
        "event": "began",
        "level": "info",
        "logger": "herd_engine.somewhere",
        "status": 200,
    }
    assert (first["request_id"], first["run_id"], first["farm"]) == ("r-1", "run-1", "Север")
    assert (second["farm"], "run_id" in second) == ("Север", False)
    assert not {"request_id", "farm"} & set(third)
    assert first["timestamp"].endswith("Z")


def test_what_another_handler_made_of_a_line_is_not_told_twice(stream: io.StringIO) -> None:
    log = logging.getLogger("herd_engine.somewhere")
    other = logging.StreamHandler(io.StringIO())
    other.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(other)
    try:
        log.info("began")
    finally:
        log.removeHandler(other)

    assert set(lines(stream)[0]) == {"event", "level", "logger", "timestamp"}


def test_what_a_block_belongs_to_is_its_threads_alone(stream: io.StringIO) -> None:
    log = logging.getLogger("herd_engine.somewhere")
    with bound(run_id="one"):
        other = threading.Thread(target=lambda: log.info("elsewhere"))
        other.start()
        other.join()

    assert "run_id" not in lines(stream)[0]


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SHOWN}",
        f"key {SHOWN} was shown",
        "signed with whsec_c2VjcmV0c2VjcmV0",
        "GET /stream?ticket=abcdef123456",
        "postgresql+psycopg://herd:pa55word@db/herd",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    ],
)
def test_secrets_are_hidden_wherever_they_stand(stream: io.StringIO, text: str) -> None:
    logging.getLogger("herd_engine.x").error(text, extra={"headers": {"Cookie": SHOWN, "x-api-key": SHOWN}})

    written = stream.getvalue()
    assert len(lines(stream)) == 1
    assert "[hidden]" in written
    for secret in (SHOWN, "c2VjcmV0c2VjcmV0", "abcdef123456", "pa55word", "eyJzdWIiOiJhIn0"):
        assert secret not in written


def test_a_traceback_shows_no_local_variables(stream: io.StringIO) -> None:
    def fails() -> None:
        plain = "correct horse battery staple"
        raise ValueError(len(plain))

    try:
        fails()
    except ValueError:
        logging.getLogger("herd_engine.x").exception("it failed")

    (line,) = lines(stream)
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert [frame["name"] for frame in line["exception"][0]["frames"]][-1] == "fails"
    assert "correct horse" not in stream.getvalue()


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_a_name_can_neither_end_a_line_nor_command_a_terminal(kind: type[io.StringIO]) -> None:
    stream = kind()
    configure(stream)
    logging.getLogger("herd_engine.x").info("file", extra={"name_": "a\nINFO forged\x1b[31m\x9b2J\u2028b"})

    assert stream.getvalue().count("\n") == 1
    assert not {"\x1b", "\x9b", "\u2028"} & set(stream.getvalue())
    assert "forged" in stream.getvalue()


def test_at_a_terminal_lines_are_words_and_tracebacks_are_read() -> None:
    stream = Terminal()
    configure(stream)
    try:
        int(SHOWN)
    except ValueError:
        logging.getLogger("herd_engine.x").exception("it failed")

    assert " error it failed" in stream.getvalue().splitlines()[0]
    assert "hk_[hidden]" in stream.getvalue().splitlines()[-1]


def test_other_libraries_speak_the_same_way_and_only_of_trouble() -> None:
    theirs = logging.getLogger("distributed.worker")
    theirs.addHandler(logging.NullHandler())
    stream = io.StringIO()
    configure(stream)
    theirs.info("started")
    theirs.warning("memory is short")
    logging.getLogger("uvicorn.error").error("cannot listen")

    assert [(line["logger"], line["event"]) for line in lines(stream)] == [
        ("distributed.worker", "memory is short"),
        ("uvicorn.error", "cannot listen"),
    ]
