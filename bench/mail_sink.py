"""An SMTP server that takes everything and forgets it, in a process of its own: ``python -m bench.mail_sink PORT``."""

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Says yes; at the end of a line on standard input it tells how many mails it took."""

    taken = 0
    idents: set[bytes]

    def __init__(self) -> None:
        self.idents = set()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken += 1
        at = content.index(b"Message-ID:")
        self.idents.add(content[at : content.index(b"\r\n", at)])
        return "250 taken"


async def main(port: int) -> None:
    sink, loop = Sink(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink", loop=loop), "127.0.0.1", port)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(sink.taken, len(sink.idents), flush=True)
        sink.taken = 0
        sink.idents.clear()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
