"""The pictures: a poster for a group (3:4) and a card beside a shared link (1.91:1), of a session or of a month."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import anyio

from outreach.reports.rendering import SANS, SERIF
from outreach.sharing.drawing import INK_2, Sheet

__all__ = ["Card", "MonthPoster", "Picture", "SessionPoster", "picture_of"]

_LIMITER = anyio.CapacityLimiter(1)
_KEPT = 64
_made: OrderedDict[object, "Picture"] = OrderedDict()


@dataclass(frozen=True, slots=True)
class SessionPoster:
    """What stands on the poster of one session.

    Attributes:
        facts: label and words, in their order; empty words are left out.
        state: ``已取消`` and the like, shown as a stamp; empty: none.
    """

    site: str
    mark: str
    overline: str
    title: str
    facts: tuple[tuple[str, str], ...]
    state: str
    address: str
    call: str
    foot: str


@dataclass(frozen=True, slots=True)
class MonthPoster:
    """What stands on the poster of a month.

    Attributes:
        days: a day's words and its sessions as (time, title, where).
        more: how many sessions have no place on it, in words; empty: all are there.
    """

    site: str
    title: str
    overline: str
    days: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
    more: str
    address: str
    call: str
    foot: str


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the picture beside a link."""

    site: str
    mark: str
    overline: str
    title: str
    lines: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the strong tag of its bytes."""

    body: bytes
    etag: str


async def picture_of(content: SessionPoster | MonthPoster | Card) -> Picture:
    """The picture of this content: drawn once, in a thread, one at a time; the same content gives the same bytes."""
    kept = _made.get(content)
    if kept is None:
        body = await anyio.to_thread.run_sync(_drawn, content, limiter=_LIMITER)
        kept = _made[content] = Picture(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        while len(_made) > _KEPT:
            _made.popitem(last=False)
    _made.move_to_end(content)
    return kept


def _drawn(content: SessionPoster | MonthPoster | Card) -> bytes:
    if isinstance(content, SessionPoster):
        return _session(content)
    return _month(content) if isinstance(content, MonthPoster) else _card(content)


def _head(sheet: Sheet, site: str) -> None:
    sheet.seal((sheet.margin, sheet.y), "工", 64)
    sheet.text((sheet.margin + 84, sheet.y + 14), site, 32, colour=INK_2)
    sheet.y += 96
    sheet.rule(sheet.y, colour="#1D1B18", thick=4)


def _overline(sheet: Sheet, mark: str, words: str, size: int) -> None:
    """The programme's mark, where it has one, and its name with the kind."""
    square = round(size * 1.52)
    if mark:
        sheet.seal((sheet.margin, sheet.y), mark, square)
    sheet.text((sheet.margin + (square + 20 if mark else 0), sheet.y + round(size * 0.22)), words, size, colour=INK_2)
    sheet.y += square


def _foot(sheet: Sheet, address: str, call: str, foot: str) -> None:
    """The code, what it leads to, and who invites, at the lower edge."""
    size, left = 280, sheet.margin
    top = sheet.height - sheet.margin - size
    sheet.rule(top - 36)
    sheet.qr(address, (left, top), size)
    beside, sheet.y = left + size + 36, top + 56
    wide = sheet.width - sheet.margin - beside
    sheet.lines(call, 40, left=beside, width=wide, most=2)
    sheet.y += 14
    sheet.lines(foot, 28, left=beside, width=wide, most=3, colour=INK_2)


def _session(content: SessionPoster) -> bytes:
    sheet = Sheet(1080, 1440, 72)
    wide = sheet.width - 2 * sheet.margin
    _head(sheet, content.site)
    sheet.y += 44
    if content.state:
        sheet.stamp(content.state, (sheet.width - sheet.margin, sheet.y), 34)
    _overline(sheet, content.mark, content.overline, 34)
    sheet.y += 40
    size = 76 if len(content.title) <= 22 else 62 if len(content.title) <= 40 else 50
    sheet.lines(content.title, size, left=sheet.margin, width=wide, most=4, family=SERIF)
    sheet.y += 34
    label_width = 130
    limit = sheet.height - sheet.margin - 280 - 70
    for label, words in content.facts:
        if not words or sheet.y + 56 > limit:
            continue
        sheet.text((sheet.margin, sheet.y), label, 34, colour=INK_2)
        most = max(1, min(3, (limit - sheet.y) // 54))
        sheet.lines(words, 38, left=sheet.margin + label_width, width=wide - label_width, most=most)
        sheet.y += 14
    _foot(sheet, content.address, content.call, content.foot)
    return sheet.png()


def _month(content: MonthPoster) -> bytes:
    rows = sum(len(sessions) for _day, sessions in content.days)
    sheet = Sheet(1080, 1100 + rows * 130 + len(content.days) * 100, 72)
    wide = sheet.width - 2 * sheet.margin
    _head(sheet, content.site)
    sheet.y += 40
    sheet.lines(content.title, 72, left=sheet.margin, width=wide, most=2, family=SERIF)
    sheet.lines(content.overline, 32, left=sheet.margin, width=wide, most=2, colour=INK_2)
    sheet.y += 24
    for day, sessions in content.days:
        sheet.rule(sheet.y)
        sheet.y += 16
        sheet.text((sheet.margin, sheet.y), day, 34, family=SERIF)
        sheet.y += 60
        for time, title, where in sessions:
            _row(sheet, time, title, where, wide)
        sheet.y += 4
    if content.more:
        sheet.rule(sheet.y)
        sheet.y += 18
        sheet.text((sheet.margin, sheet.y), content.more, 32, colour=INK_2)
        sheet.y += 66
    sheet.cut(max(1440, sheet.y + 36 + 280 + 72))
    _foot(sheet, content.address, content.call, content.foot)
    return sheet.png()


def _row(sheet: Sheet, time: str, title: str, where: str, wide: int) -> None:
    measure = sheet.measured(SANS, 30)
    room = min(round(measure(where)), 240) if where else 0
    top = sheet.y
    sheet.text((sheet.margin, top), time, 34, colour=INK_2)
    taken = sheet.lines(title, 34, left=sheet.margin + 120, width=wide - 120 - room - 24, most=2)
    if where:
        sheet.y = top
        left = sheet.width - sheet.margin - room
        taken = max(taken, sheet.lines(where, 30, left=left, width=room + 2, most=2, colour=INK_2))
    sheet.y = top + 14 + 48 * taken


def _card(content: Card) -> bytes:
    sheet = Sheet(1200, 630, 64)
    wide = sheet.width - 2 * sheet.margin
    _head(sheet, content.site)
    sheet.y += 36
    if content.state:
        sheet.stamp(content.state, (sheet.width - sheet.margin, sheet.y), 32)
    _overline(sheet, content.mark, content.overline, 32)
    sheet.y += 34
    size = 64 if len(content.title) <= 32 else 52
    sheet.lines(content.title, size, left=sheet.margin, width=wide, most=2, family=SERIF)
    sheet.y += 16
    for line in content.lines:
        sheet.lines(line, 34, left=sheet.margin, width=wide, most=1)
    return sheet.png()
