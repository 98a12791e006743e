"""Evidence as tests hand it in."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image

from outreach.attendance.closing.commands import add_evidence
from outreach.attendance.closing.queries import EvidenceRow
from outreach.shared.actors import Actor
from outreach.shared.files import Incoming
from tests.factories.bookings import BookingWorld

__all__ = ["hand_in", "incoming", "kept_in", "picture"]


def picture(shade: int = 200, kind: str = "JPEG") -> bytes:
    """A small picture; another shade is another file."""
    written = io.BytesIO()
    Image.new("L", (40, 30), shade).save(written, format=kind)
    return written.getvalue()


def kept_in(home: Path) -> list[Path]:
    """The files that lie below a home."""
    return [one for one in home.rglob("*") if one.is_file()]


def incoming(data: bytes, name: str = "现场.jpg") -> Incoming:
    """A file on its way."""

    async def read() -> bytes:
        return data

    return Incoming(name, read)


async def hand_in(
    world: BookingWorld, actor: Actor, now: datetime, home: Path, *files: bytes, **given: Any
) -> list[EvidenceRow]:
    """Hand files in for the world's session; a photo of it by default."""
    wanted = {"kind": "photo", **given}
    session_id = wanted.pop("session_id", world.session.id)
    ones = [incoming(data) for data in files or (picture(),)]
    return await add_evidence(actor, now, session_id=session_id, files=ones, home=home, **wanted)
