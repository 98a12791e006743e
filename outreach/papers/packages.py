"""佐证材料包: what was handed in for sessions as one zip, sent while it is read, with a list of what is in it."""

import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import anyio

from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS, kinds_for
from outreach.attendance.closing.queries import EvidenceRow, evidence_of
from outreach.bookings.feedback.queries import RATABLE
from outreach.events.queries import SessionRow
from outreach.papers.domain.errors import PackagesBusyError
from outreach.papers.domain.naming import Names, safe_name
from outreach.papers.domain.zipping import Archive, Entry
from outreach.papers.queries import OrderFacts, orders_of, organisation_names
from outreach.papers.receipts import Receipt, receipt_pdf, receipts_of
from outreach.reports.domain.errors import ReportPartMissingError
from outreach.shared.errors import UnavailableError
from outreach.shared.files import file_path
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local, local_day
from outreach.web.wording import FILTERS
from outreach.web.workbooks import Cell, Digits, Sheet, workbook

__all__ = ["MOST_SESSIONS", "Package", "kinds_text", "package_of", "planned", "sent", "take_turn"]

#: Receipts are drawn one after the other, a fifth of a second each; a year of more goes quarter by quarter.
MOST_SESSIONS = 500
#: Packages that one process sends at once: each reads the disk as fast as the line takes it.
MOST_AT_ONCE = 2
_PIECE = 256 * 1024

#: Kinds in the order in which they lie in a folder.
_ORDER = ("receipt", "photo", "sheet", "other", "order")
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
#: Bytes of UTF-8: a folder and a file name stay below 255 each, and both together below what Windows opens.
_TITLE_BYTES, _FOLDER_UNIT_BYTES, _UNIT_BYTES = 60, 90, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file of the package.

    Attributes:
        unit: stands in the name.
        giver: the organisation that handed it in.
        receipt: drawn when its turn comes; else the stored file ``digest``.
        state: empty, or why it is not there or not as it was.
    """

    name: str
    session: SessionRow
    kind: str
    unit: str
    giver: str
    at: datetime
    digest: str = ""
    size: int = 0
    receipt: Receipt | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """What is to be sent, in order, and the kinds that each session lacks."""

    items: Sequence[Item]
    lacking: Sequence[tuple[SessionRow, tuple[str, ...]]]


def kind_words(kind: str) -> str:
    """``receipt`` → 回执表; also what a package has beside evidence."""
    return _("申请表") if kind == "order" else _(EVIDENCE_WORDS[kind])


def kinds_text(kinds: Sequence[str]) -> str:
    """``回执表、现场照片``."""
    return str(FILTERS["joined"](kind_words(one) for one in kinds))


async def package_of(sessions: Sequence[SessionRow]) -> Package:
    """What there is for these sessions; eight statements whatever their number."""
    ids = [one.id for one in sessions]
    evidence, orders = await evidence_of(ids), await orders_of(ids)
    held = [one for one in sessions if one.state in RATABLE]
    unsigned = [one for one in held if all(row.kind != "receipt" for row in evidence[one.id])]
    receipts = await receipts_of(unsigned)
    owners = await organisation_names([one.organisation_id for one in sessions])
    return planned(sessions, owners, evidence, orders, receipts)


def planned(
    sessions: Sequence[SessionRow],
    owners: Mapping[UUID, str],
    evidence: Mapping[UUID, Sequence[EvidenceRow]],
    orders: Mapping[UUID, OrderFacts],
    receipts: Mapping[UUID, Receipt],
) -> Package:
    """The names of all files; the same things give the same names in the same order."""
    folders, items, lacking = Names(), [], []
    for session in sessions:
        kinds = kinds_for(confidential=session.confidential)
        rows = [one for one in evidence[session.id] if one.kind in kinds]
        owner = owners.get(session.organisation_id, "")
        found = _of_session(session, owner, rows, orders.get(session.id), receipts.get(session.id))
        if found:
            folder = folders.given(_folder_name(session))
            names = Names()
            items += [replace(one, name=f"{folder}/{_file_name(one, names)}") for one in found]
        if session.state in RATABLE:
            there = {one.kind for one in rows}
            if missing := tuple(kind for kind in kinds if kind != "other" and kind not in there):
                lacking.append((session, missing))
    return Package(items, lacking)


def _of_session(
    session: SessionRow, owner: str, rows: Sequence[EvidenceRow], order: OrderFacts | None, receipt: Receipt | None
) -> list[Item]:
    unit = session.host_name or (order.organisation_name if order else "") or owner
    found = [
        Item(
            name=_ENDINGS.get(one.media_type, ".bin"),
            session=session,
            kind=one.kind,
            unit=one.organisation_name or unit,
            giver=one.organisation_name or owner,
            at=one.created_at,
            digest=one.digest,
            size=one.size_bytes,
        )
        for one in rows
    ]
    if receipt is not None:
        found.append(
            Item(name=".pdf", session=session, kind="receipt", unit=unit, giver="", at=session.ends_at, receipt=receipt)
        )
    if order is not None and order.scan_digest is not None:
        found.append(
            Item(
                name=_ENDINGS.get(order.scan_media_type or "", ".bin"),
                session=session,
                kind="order",
                unit=order.organisation_name,
                giver=order.organisation_name,
                at=order.scan_at,
                digest=order.scan_digest,
                size=order.scan_bytes or 0,
            )
        )
    return sorted(found, key=lambda one: _ORDER.index(one.kind))


def _folder_name(session: SessionRow) -> str:
    parts = [local_day(session.starts_at).isoformat(), safe_name(session.title, _TITLE_BYTES)]
    if session.host_name:
        parts.append(safe_name(session.host_name, _FOLDER_UNIT_BYTES))
    return "_".join(parts)


def _file_name(one: Item, names: Names) -> str:
    stem = [local_day(one.session.starts_at).isoformat(), safe_name(one.unit, _UNIT_BYTES), kind_words(one.kind)]
    if one.receipt is not None:
        stem.append(_("未盖章"))
    return names.numbered("_".join(stem), one.name)


class _Turns:
    """How many packages are being sent by this process."""

    running = 0


def take_turn() -> Callable[[], None]:
    """Take one of the places; the function that comes back gives it free, once.

    Raises:
        PackagesBusyError: all are taken.
    """
    if _Turns.running >= MOST_AT_ONCE:
        raise PackagesBusyError(retry_after=60)
    _Turns.running += 1
    given = False

    def give() -> None:
        nonlocal given
        if not given:
            given = True
            _Turns.running -= 1

    return give


async def sent(package: Package, home: Path, *, made_on: date) -> AsyncIterator[bytes]:
    """The bytes of the archive, a piece at a time: nothing lies in memory or on the disk but the piece at hand.

    A file that is not on the disk any more is named in the list and left out. One that gets lost between being looked
    at and being read ends the download, which the reader's program notices.
    """
    archive, listed = Archive(), []
    for one in package.items:
        if one.receipt is not None:
            drawn, data = await _drawn(one, one.receipt)
            listed.append(drawn)
            if data:
                yield archive.begin(_entry(drawn, zlib.crc32(data))) + data
            continue
        path = file_path(home, one.digest)
        crc, found = await anyio.to_thread.run_sync(_looked_at, path, one)
        listed.append(found)
        if crc is None:
            continue
        yield archive.begin(_entry(found, crc))
        async for piece in _pieces(path, found.size):
            yield piece
    data = await _list_of(listed, package.lacking, made_on)
    at = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - zip knows no zones
    yield archive.begin(Entry(f"{_('清单')}.xlsx", zlib.crc32(data), len(data), at)) + data
    for piece in archive.end():
        yield piece


def _entry(one: Item, crc: int) -> Entry:
    return Entry(one.name, crc, one.size, local(one.at))


async def _drawn(one: Item, receipt: Receipt) -> tuple[Item, bytes]:
    try:
        data = await receipt_pdf(receipt, unstamped=True)
    except (ReportPartMissingError, UnavailableError):
        return replace(one, state=_("这台服务器做不了PDF，没有收入")), b""
    return replace(one, digest=sha256(data).hexdigest(), size=len(data), state=_("系统生成，未盖章")), data


def _looked_at(path: Path, one: Item) -> tuple[int | None, Item]:
    """The checksum of a stored file and its real size; ``None``: it is not there."""
    crc, size, digest = 0, 0, sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                crc = zlib.crc32(piece, crc)
                digest.update(piece)
                size += len(piece)
    except OSError:
        return None, replace(one, state=_("文件不在服务器上，没有收入"))
    same = size == one.size and digest.hexdigest() == one.digest
    return crc, replace(one, size=size, state="" if same else _("内容与登记的不符"))


async def _pieces(path: Path, size: int) -> AsyncIterator[bytes]:
    left = size
    async with await anyio.open_file(path, "rb") as file:
        while left and (piece := await file.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
    if left:
        raise OSError(f"{path} became shorter while it was being sent")


async def _list_of(
    items: Sequence[Item], lacking: Sequence[tuple[SessionRow, tuple[str, ...]]], made_on: date
) -> bytes:
    head = [
        _("序号"), _("日期"), _("活动"), _("种类"), _("文件"), _("大小（字节）"), _("SHA-256"), _("交来的单位"),
        _("交来时间"), _("说明"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            number,
            local_day(one.session.starts_at),
            one.session.title,
            kind_words(one.kind),
            one.name,
            one.size or None,
            Digits(one.digest) if one.digest else None,
            one.giver or None,
            one.at if one.receipt is None else None,
            one.state or None,
        ]
        for number, one in enumerate(items, 1)
    ]
    lacks: list[list[Cell]] = [
        [number, local_day(session.starts_at), session.title, session.host_name, kinds_text(kinds)]
        for number, (session, kinds) in enumerate(lacking, 1)
    ]
    sheets = [
        Sheet(_("清单"), head, rows, filtering=True),
        Sheet(_("缺的材料"), [_("序号"), _("日期"), _("活动"), _("承办单位"), _("还缺")], lacks, filtering=True),
    ]
    return await workbook(sheets, title=_("佐证材料清单"), made_on=made_on)
