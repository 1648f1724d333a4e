"""Editions arrive at folders, buckets, mailboxes and web addresses, or somebody is told why not."""

import email
import email.policy
import ipaddress
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import standardwebhooks
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from herd_engine.errors import DeliveryError
from herd_engine.sending.web import checked_address
from herd_engine.storage.files import open_file_store
from pipelines.reports.deliver.folder import Folder
from pipelines.reports.deliver.mail import Mail
from pipelines.reports.deliver.send import send, undelivered
from pipelines.reports.deliver.webhook import Webhook
from pipelines.reports.manifest import Delivery, Manifest, ReportFailure, ReportStatus
from tests.pipelines.reports.conftest import QUIET, example_manifest

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of this test


@dataclass
class Receiver:
    """A web server that remembers what it was sent and answers what it is told to."""

    answers: list[int] = field(default_factory=lambda: [204])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    megabytes: int = 0
    written: int = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook?farm=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append((dict(self.headers), body))
            answer = found.answers[min(len(found.got), len(found.answers)) - 1]
            self.send_response(answer)
            self.send_header("location", found.url)
            self.end_headers()
            with suppress(ConnectionError):
                for _ in range(found.megabytes):
                    self.wfile.write(b"x" * 2**20)
                    found.written += 1

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


class Mailbox:
    """Keeps what a mail server is sent; refuses the first ``busy`` messages."""

    def __init__(self) -> None:
        self.messages: list[email.message.EmailMessage] = []
        self.busy = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        if self.busy:
            self.busy -= 1
            return "451 try again later"
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def mail(port: int, *to: str) -> Mail:
    return Mail(
        kind="mail", server="127.0.0.1", port=port, security="none", sender="herd@farm.example", to=list(to)
    )


def test_an_edition_arrives_whole_in_a_folder_and_in_a_bucket(
    journal, edition, tmp_path, request: pytest.FixtureRequest
):
    request.getfixturevalue("s3_server")
    for place in (str(tmp_path / "reports"), f"s3://herd/{uuid.uuid4().hex}"):
        Folder(folder=place).deliver(edition, journal.folder(edition))

        store = open_file_store(place)
        name = "forecast/2026-03-02/0123456789abcdef"
        assert store.list() == (f"{name}/manifest.json", f"{name}/report.html")
        assert store.get(f"{name}/report.html") == b"<h1>Milking cows stay near 100.</h1>"
        assert Manifest.model_validate_json(store.get(f"{name}/manifest.json")) == edition


def test_a_full_disk_of_a_destination_is_told(journal, edition, tiny_disk: Path):
    (journal.folder(edition) / "report.html").write_bytes(b"x" * 3_000_000)

    with pytest.raises(DeliveryError, match="did not take the report: No space left on device"):
        Folder(folder=str(tiny_disk / "reports")).deliver(edition, journal.folder(edition))


def test_a_mail_says_the_headline_and_brings_the_report(journal, edition, mailbox):
    box, port = mailbox

    mail(port, "anna@farm.example").deliver(edition, journal.folder(edition))

    (message,) = box.messages
    assert message["Subject"] == "Herd forecast: North, 2 Mar 2026"
    assert message["To"] == "anna@farm.example"
    assert "Milking cows stay near 100." in message.get_body().get_content()
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "report.html"
    assert attachment.get_content().rstrip("\r\n") == "<h1>Milking cows stay near 100.</h1>"


def test_a_mail_about_a_report_that_failed_says_why_in_its_language(journal, edition, mailbox):
    box, port = mailbox
    failed = edition.model_copy(
        update={
            "status": ReportStatus.FAILED,
            "language": "ru",
            "farm": "Север\r\nBcc: all@farm.example",
            "error": ReportFailure(code="X", message="нет файла"),
        }
    )

    mail(port, "anna@farm.example").deliver(failed, journal.folder(edition))

    (message,) = box.messages
    assert message["Subject"].startswith("Не составлен: ")
    assert message["Bcc"] is None
    assert "нет файла" in message.get_body().get_content()


def test_an_unknown_recipient_is_not_tried_again_and_a_busy_server_is(journal, edition, mailbox):
    box, port = mailbox
    folder = journal.folder(edition)

    refused = send(
        edition, folder, ("mail", mail(port, "nobody@x.example")), attempts=3, pause_seconds=0, stop=QUIET
    )
    box.busy = 2
    arrived = send(
        edition, folder, ("mail", mail(port, "anna@x.example")), attempts=3, pause_seconds=0, stop=QUIET
    )

    assert (refused.attempts, arrived.attempts, arrived.error) == (1, 3, "")
    assert "refused: nobody@x.example" in refused.error
    assert len(box.messages) == 1


def test_a_webhook_is_signed_so_that_its_receiver_can_check_it(journal, edition, receiver: Receiver):
    hook = Webhook(kind="webhook", url=receiver.url, secret=SECRET, allow=["127.0.0.0/8", "::1/128"])

    hook.deliver(edition, journal.folder(edition))

    ((headers, body),) = receiver.got
    event = standardwebhooks.Webhook(SECRET).verify(body, headers)
    assert event["type"] == "report.succeeded"
    assert event["data"]["headline"] == edition.headline
    assert headers["host"] == f"localhost:{receiver.port}"
    with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_AAAA").verify(body, headers)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.0.0.192",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fec0::1]",
        "[fe80::1]",
        "192.88.99.1",
        "0.0.0.0",  # noqa: S104
    ],
)
def test_a_private_address_is_refused_before_anything_is_sent(host, journal, edition, receiver: Receiver):
    hook = Webhook(kind="webhook", url=f"http://{host}:{receiver.port}/", secret=SECRET)

    with pytest.raises(DeliveryError, match="its address is private and not in allow") as refused:
        hook.deliver(edition, journal.folder(edition))

    assert not refused.value.again
    assert receiver.got == []


def test_a_name_is_looked_up_once_and_what_was_checked_is_written_to(
    journal, edition, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    asked = []

    def look_up(host, port, **_wishes):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))]

    with monkeypatch.context() as patched:
        patched.setattr("herd_engine.sending.web.socket.getaddrinfo", look_up)
        address = checked_address("hooks.example", receiver.port, [ipaddress.ip_network("127.0.0.1/32")])

    assert (str(address), asked) == ("127.0.0.1", ["hooks.example"])


def test_a_receiver_that_answers_without_end_costs_nothing(journal, edition, receiver: Receiver):
    """What it says is not read: its status is enough."""
    receiver.megabytes = 1000
    hook = Webhook(kind="webhook", url=receiver.url, secret=SECRET, allow=["127.0.0.0/8", "::1/128"])

    hook.deliver(edition, journal.folder(edition))

    assert receiver.written < 50  # what fits into the buffers of a connection


def test_a_password_that_smtp_cannot_carry_is_told(journal, edition):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        Mailbox(), hostname="127.0.0.1", port=port, auth_require_tls=False, authenticator=lambda *_: None
    )
    controller.start()
    told = mail(port, "anna@farm.example").model_copy(
        update={"user": "анна", "password": SecretStr("пароль")}
    )

    found = send(edition, journal.folder(edition), ("mail", told), attempts=3, pause_seconds=0, stop=QUIET)
    controller.stop()

    assert found.attempts == 1
    assert "other letters than ASCII" in found.error


@pytest.mark.parametrize("host", ["http://пример.рф:8080/x", "http://hooks.example:8080/x"])
def test_a_host_is_named_in_ascii_to_its_receiver(journal, edition, receiver: Receiver, monkeypatch, host):
    url = host.replace("8080", str(receiver.port))
    hook = Webhook(kind="webhook", url=url, secret=SECRET)
    address = ipaddress.ip_address("127.0.0.1")
    monkeypatch.setattr("herd_engine.sending.web.checked_address", lambda *_: address)
    hook.deliver(edition, journal.folder(edition))

    ((headers, _),) = receiver.got
    assert headers["host"].isascii()
    assert headers["host"].endswith(f":{receiver.port}")


def test_a_redirect_is_not_followed_and_a_broken_server_is_tried_again(journal, edition, receiver: Receiver):
    hook = Webhook(kind="webhook", url=receiver.url, secret=SECRET, allow=["127.0.0.0/8", "::1/128"])
    folder = journal.folder(edition)

    receiver.answers = [307]
    redirected = send(edition, folder, ("hook", hook), attempts=3, pause_seconds=0, stop=QUIET)
    receiver.answers, before = [503, 503, 503, 204], len(receiver.got)
    arrived = send(edition, folder, ("hook", hook), attempts=4, pause_seconds=0, stop=QUIET)

    assert (before, redirected.attempts, redirected.error) == (
        1,
        1,
        "webhook localhost did not take the report: it answered 307.",
    )
    assert (arrived.attempts, arrived.error) == (3, "")


def test_a_destination_that_is_down_is_told_after_all_attempts(journal, edition):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: connections are refused
        port = taken.getsockname()[1]
        hook = Webhook(kind="webhook", url=f"http://127.0.0.1:{port}/", secret=SECRET, allow=["127.0.0.0/8"])

        found = send(
            edition, journal.folder(edition), ("hook", hook), attempts=3, pause_seconds=0, stop=QUIET
        )

    assert found.attempts == 3
    assert "Connection refused" in found.error


def test_only_destinations_that_have_not_got_an_edition_get_it():
    moment = "2026-03-02T06:00:00Z"
    manifest = example_manifest(
        deliveries=[
            Delivery(destination="a", attempts=1, at=moment).model_dump(),
            Delivery(destination="b", attempts=3, error="down", at=moment).model_dump(),
        ]
    )
    places = {name: Folder(folder=name) for name in "abc"}

    assert list(undelivered(manifest, places)) == ["b", "c"]
