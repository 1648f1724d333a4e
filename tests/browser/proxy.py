"""A proxy that forgets something: ``python -m tests.browser.proxy PORT TARGET FAULT``.

``host``: says another name than the browser did, as nginx does without ``proxy_set_header Host``;
``upgrade``: lets no websocket through, as nginx does without ``proxy_set_header Upgrade``; ``none``: neither.
"""

import asyncio
import re
import sys

LOOPBACK = "127.0.0.1"


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until there are no more."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def changed(head: bytes, target: int, fault: str) -> bytes:
    """Return the head of a request as the proxy passes it on; one request a connection."""
    if fault == "host":
        head = re.sub(rb"(?i)\r\nhost: [^\r]*", b"\r\nHost: 127.0.0.1:%d" % target, head)
    if fault == "upgrade":
        head = re.sub(rb"(?i)\r\nupgrade: [^\r]*", b"", head)
    if b"pgrade: websocket" in head:
        return head
    head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head)
    return head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def serve(port: int, target: int, fault: str) -> None:
    """Serve until killed."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = changed(await reader.readuntil(b"\r\n\r\n"), target, fault)
            there, to_there = await asyncio.open_connection(LOOPBACK, target)
            to_there.write(head)
            await asyncio.gather(pump(reader, to_there), pump(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async with await asyncio.start_server(serve_one, LOOPBACK, port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
