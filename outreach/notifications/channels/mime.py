"""One mail as bytes (RFC 5322, 2045–2047, 6047): the same letter gives the same bytes.

Written by hand from parts that are all ours, since it is an easy format and the library's own generator takes several
times as long for it: every body is base64, every text in a header is freed of line breaks and encoded where it is not
plain ASCII.
"""

import base64
import re
from email.header import Header
from email.utils import format_datetime, quote
from functools import lru_cache
from hashlib import sha256

from outreach.notifications.channels.letter import Letter, RefusedError
from outreach.shared.time import local

__all__ = ["mail_bytes", "mailbox"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
#: What may stand between < and > and in an SMTP command; internationalised addresses are not sent to.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_LINE = 76
_FILE = "Content-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics\r\n"


def _line(text: str) -> str:
    """``text`` without anything that could end a header."""
    return " ".join(_CONTROL.sub(" ", text).encode("utf-8", "replace").decode().split())


def _header(name: str, text: str) -> str:
    """One header of words, encoded where they are not plain ASCII."""
    words = _line(text)
    said = words[:900] if words.isascii() else _encoded(name, words)
    return f"{name}: {said}\r\n"


@lru_cache(maxsize=1_000)
def _encoded(name: str, words: str) -> str:
    return Header(words, "utf-8", header_name=name, maxlinelen=_LINE).encode(linesep="\r\n")


def mailbox(header: str, name: str, address: str) -> str:
    """``From`` or ``To`` with a name in front of the address.

    Raises:
        RefusedError: the address is none that mail can be sent to.
    """
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise RefusedError("address")
    words = _line(name)
    if not words:
        return f"{header}: {address}\r\n"
    if words.isascii():
        return f'{header}: "{quote(words)}"\r\n <{address}>\r\n'
    return f"{header}: {_encoded(header, words)}\r\n <{address}>\r\n"


def _part(headers: str, body: bytes) -> bytes:
    head = f"{headers}Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("ascii") + base64.encodebytes(body).replace(b"\n", b"\r\n")


def _bundle(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    mark = f"--{boundary}".encode("ascii")
    inner = b"".join(mark + b"\r\n" + part + (b"" if part.endswith(b"\r\n") else b"\r\n") for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii") + inner + mark + b"--\r\n"


def mail_bytes(letter: Letter, *, plain: str, html: str, from_name: str, from_address: str) -> bytes:
    """The whole mail, with CRLF.

    An invitation stands twice with the same bytes: as an alternative, which calendar programs act on, and as the file
    invite.ics, which all others can open.

    Raises:
        RefusedError: the address is none that mail can be sent to.
    """
    headers = [
        mailbox("From", from_name, from_address),
        mailbox("To", letter.person_name, letter.address),
        _header("Subject", letter.subject),
        f"Date: {format_datetime(local(letter.at))}\r\n",
        f"Message-ID: <{_line(letter.ident)}>\r\n",
        "MIME-Version: 1.0\r\n",
        f"Content-Language: {'en' if letter.language == 'en' else 'zh-CN'}\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "X-Auto-Response-Suppress: All\r\n",
    ]
    if letter.unsubscribe_href is not None:
        headers.append(f"List-Unsubscribe: <{_line(letter.unsubscribe_href)}>\r\n")
        headers.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    mark = sha256(letter.ident.encode()).hexdigest()[:24]
    text = "Content-Type: text/{}; charset=utf-8\r\n"
    ways = [_part(text.format("plain"), plain.encode()), _part(text.format("html"), html.encode())]
    calendar = letter.parts
    if calendar is not None:
        ways.append(_part(f"Content-Type: text/calendar; charset=utf-8; method={calendar.method}\r\n", calendar.body))
    body = _bundle("alternative", f"alternative-{mark}", ways)
    if calendar is not None:
        file = (
            "Content-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics\r\n"
        )
        body = _bundle("mixed", f"mixed-{mark}", [body, _part(file, calendar.body)])
    return "".join(headers).encode("ascii") + body
