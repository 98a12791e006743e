"""Evidence of sessions that took place: three drawn pictures, stored as uploads are, and the rows that name them."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from outreach.attendance.tables import Evidence
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.unions import Somebody
from outreach.shared.files import StoredFile, file_path, store_file

__all__ = ["Pictures", "keep_pictures", "remove_pictures", "write_evidence"]

#: Who logs in as a unit's contact finds sessions of that unit.
_HOSTS_FIRST = "胥江机械厂工会"
_WANTED = 10

_PAPER, _INK, _WALL, _FLOOR, _WOOD = (250, 248, 242), (40, 38, 34), (214, 209, 196), (176, 168, 150), (120, 96, 70)
_CLOTHES = ((78, 92, 104), (122, 84, 74), (92, 110, 86), (140, 124, 92), (70, 70, 78))

# The strokes of 演示 on a field of 16 × 16, since no font is sure to be there.
_SHOWN = (
    (((2, 2), (4, 4)), ((1, 6), (3, 8)), ((1, 14), (4, 10)), ((10, 0), (10, 2)), ((5, 5), (5, 3), (15, 3), (15, 5)),
     ((7, 5), (13, 5)), ((7, 7), (7, 12), (13, 12), (13, 7), (7, 7)), ((7, 9.5), (13, 9.5)), ((10, 5), (10, 12)),
     ((8, 13), (5, 15)), ((12, 13), (15, 15))),
    (((4, 2), (12, 2)), ((1, 6), (15, 6)), ((8, 6), (8, 15), (6, 14)), ((4, 9), (2, 13)), ((12, 9), (14, 13))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was stored, and what of it was not there before: the digests to take back when the load fails."""

    hall: StoredFile
    stage: StoredFile
    sheet: StoredFile
    added: tuple[str, ...]


async def keep_pictures(home: Path) -> Pictures:
    """Draw the three and store them under ``home/files``; the same bytes each time."""
    before = _names_kept(home)
    hall, stage, sheet = [await store_file(home, _png(drawn)) for drawn in (_hall(), _stage(), _sheet())]
    new = tuple(one.digest for one in (hall, stage, sheet) if one.digest not in before)
    return Pictures(hall, stage, sheet, new)


def _names_kept(home: Path) -> set[str]:
    home.mkdir(parents=True, exist_ok=True)
    return {path.name for path in home.glob("files/*/*")}


def remove_pictures(home: Path, pictures: Pictures) -> None:
    """Take back what was added, with the folders that are empty then."""
    for digest in pictures.added:
        path = file_path(home, digest)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()
            path.parent.parent.rmdir()


def write_evidence(batch: Batch, runs: Sequence[Run], pictures: Pictures, staff: Somebody) -> None:
    """Photo, signed sheet and now and then the receipt of some closed sessions, those of one host first."""
    closed = [run for run in runs if run.state == "closed" and run.closed_at is not None]
    closed.sort(key=lambda run: (run.planned.host is None or run.planned.host.name != _HOSTS_FIRST, -_ended(run)))
    for number, run in enumerate(closed[:_WANTED]):
        host = run.planned.host
        unit = host if host is not None and host.contact is not None and host.kind != "guest" else None
        who = unit.contact if unit is not None and unit.contact is not None else staff
        at = run.held_at or run.planned.ends_at
        photo = pictures.hall if run.planned.dish.kind == "讲座" else pictures.stage
        given = [("photo", photo, "现场.png"), ("sheet", pictures.sheet, "签到表.png")]
        if number % 3 == 0:
            given.append(("receipt", pictures.sheet, "回执.png"))
        for minutes, (kind, stored, name) in enumerate(given):
            batch.add(
                Evidence, at + timedelta(minutes=3 * minutes), session=run.id, kind=kind, digest=stored.digest,
                media_type=stored.media_type, size_bytes=stored.size_bytes, name=name,
                organisation=unit.id if unit is not None else None, created_by=who.id,
            )  # fmt: skip


def _ended(run: Run) -> float:
    return run.planned.ends_at.timestamp()


# --- drawing ---------------------------------------------------------------------------------------------------------


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, format="PNG")
    return written.getvalue()


def _canvas(width: int, height: int, ground: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), ground)
    return picture, ImageDraw.Draw(picture)


def _mark(draw: ImageDraw.ImageDraw, left: float, top: float, size: float, colour: tuple[int, int, int]) -> None:
    """演示, each character ``size`` pixels high."""
    unit = size / 16
    for place, strokes in enumerate(_SHOWN):
        for stroke in strokes:
            points = [(left + place * size * 1.15 + x * unit, top + y * unit) for x, y in stroke]
            draw.line(points, fill=colour, width=max(2, round(unit * 1.2)), joint="curve")


def _hall() -> Image.Image:
    """Rows of people seen from behind, a screen before them."""
    picture, draw = _canvas(1200, 800, _WALL)
    draw.rectangle((0, 470, 1200, 800), fill=_FLOOR)
    draw.rectangle((330, 70, 870, 370), fill=_PAPER, outline=_INK, width=6)
    _mark(draw, 480, 160, 110, _INK)
    draw.rectangle((940, 300, 1050, 470), fill=_WOOD)
    for row, (top, size, count) in enumerate(((430, 34, 13), (520, 46, 10), (640, 62, 8))):
        step = 1200 / count
        for place in range(count):
            if (row * 7 + place * 5) % 9 == 4:
                continue
            middle = step * (place + 0.5) + (row % 2) * 14
            colour = _CLOTHES[(row * 3 + place * 2) % len(_CLOTHES)]
            draw.rounded_rectangle((middle - size, top + size, middle + size, 820), radius=size // 2, fill=colour)
            draw.ellipse((middle - size * 0.5, top, middle + size * 0.5, top + size * 1.1), fill=_INK)
    return picture


def _stage() -> Image.Image:
    """A stage with curtains and lamps, and the heads before it."""
    red, lit = (132, 46, 40), (236, 222, 184)
    picture, draw = _canvas(1200, 800, (58, 52, 48))
    draw.polygon(((120, 560), (1080, 560), (1000, 120), (200, 120)), fill=lit)
    draw.rectangle((80, 520, 1120, 620), fill=_WOOD)
    for side in (0, 1):
        for fold in range(4):
            left = 60 + fold * 50 if side == 0 else 940 + fold * 50
            draw.rectangle((left, 60, left + 46, 530), fill=red if fold % 2 else (112, 38, 34))
    draw.rectangle((60, 40, 1140, 110), fill=red)
    _mark(draw, 510, 170, 84, _INK)
    for place, colour in enumerate(_CLOTHES):
        middle = 360 + place * 120
        draw.polygon(((middle - 34, 530), (middle + 34, 530), (middle + 18, 390), (middle - 18, 390)), fill=colour)
        draw.ellipse((middle - 18, 348, middle + 18, 392), fill=_INK)
    for place in range(14):
        middle, top = 45 + place * 86, 690 + (place % 3) * 16
        draw.ellipse((middle - 32, top, middle + 32, top + 70), fill=(30, 27, 25))
        draw.rounded_rectangle((middle - 56, top + 62, middle + 56, 860), radius=30, fill=(30, 27, 25))
    return picture


def _sheet() -> Image.Image:
    """A table on paper whose lines are signed by hand, none of it to be read."""
    picture, draw = _canvas(850, 1200, _PAPER)
    dice = Random("sheet")  # noqa: S311 - drawn the same each time
    _mark(draw, 340, 60, 78, _INK)
    columns, top, height, rows = (70, 140, 360, 600, 780), 190, 54, 17
    for column in columns:
        draw.line(((column, top), (column, top + height * rows)), fill=_INK, width=2)
    for row in range(rows + 1):
        draw.line(((columns[0], top + row * height), (columns[-1], top + row * height)), fill=_INK, width=2)
    for row in range(1, rows - 3):
        for left, length in ((160, 120), (380, 150), (620, 120)):
            _scribble(draw, dice, left, top + row * height + height * 0.55, length * dice.uniform(0.6, 1))
    return picture


def _scribble(draw: ImageDraw.ImageDraw, dice: Random, left: float, middle: float, length: float) -> None:
    points = [(left, middle)]
    while points[-1][0] < left + length:
        points.append((points[-1][0] + dice.uniform(3, 11), middle + dice.uniform(-14, 14)))
    draw.line(points, fill=(46, 60, 110), width=3, joint="curve")
