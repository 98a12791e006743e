"""活动回执表: what a unit and an organiser sign and stamp after a session, filled in from its record."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.attendance.closing.queries import records_of
from outreach.attendance.domain.headcounts import GROUPS
from outreach.attendance.domain.permissions import may_keep_list
from outreach.bookings.feedback.queries import RATABLE, ReviewRow
from outreach.bookings.notices import people_label
from outreach.bookings.queries import readable_session
from outreach.events.queries import SessionRow
from outreach.papers.queries import DayFigures, OrderFacts, figures_of, orders_of, organisation_names, reviews_of
from outreach.reports.rendering import pdf_of
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.time import local
from outreach.web.templates import render

__all__ = ["Receipt", "readable_receipt", "receipt_html", "receipt_pdf", "receipts_of"]

#: Days that stand one by one; the form stays one that can be signed.
MOST_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The form of one session. ``filled``: it took place, so figures stand there.

    Attributes:
        audience: people that the unit or the bookings announced; ``None``: nobody said.
        total: the days together; ``None`` without any record.
        shown_days: more than one day is listed one by one, at most ``MOST_DAYS``.
        groups: words of the groups that anybody reported, in their usual order.
        review: what the unit said; ``None``: it may write it by hand.
    """

    session: SessionRow
    number: str
    people_label: str
    owner: tuple[str, ...]
    unit: tuple[str, ...]
    supporters: tuple[str, ...]
    audience: int | None
    filled: bool
    total: DayFigures | None
    shown_days: tuple[DayFigures, ...]
    groups: tuple[tuple[str, str], ...]
    review: ReviewRow | None
    remarks: str


def receipt_number(session: SessionRow) -> str:
    """``HZ20150512-3F9A2C``: the day it starts, and the session."""
    return f"HZ{local(session.starts_at):%Y%m%d}-{session.id.hex[-6:].upper()}"


async def readable_receipt(actor: Actor, session_id: UUID) -> Receipt:
    """The form, for who runs the session, its host's contact and the contact of the unit that ordered it.

    Raises:
        NotFoundError, ForbiddenError: not for this caller.
    """
    session, _own = await readable_session(actor, session_id)
    if not may_keep_list(actor, session.facts):
        order = (await orders_of([session_id])).get(session_id)
        if order is None or not actor.represents(order.organisation_id):
            raise ForbiddenError
    return (await receipts_of([session]))[session_id]


async def receipts_of(sessions: Sequence[SessionRow]) -> dict[UUID, Receipt]:
    """The forms of several sessions; five statements whatever their number."""
    ids = [one.id for one in sessions]
    figures, reviews = await figures_of(ids), await reviews_of(ids)
    records, orders = await records_of(ids), await orders_of(ids)
    owners = await organisation_names([one.organisation_id for one in sessions])
    return {
        one.id: _receipt(
            one,
            owners.get(one.organisation_id, ""),
            figures[one.id],
            reviews[one.id],
            orders.get(one.id),
            records[one.id].remarks if one.id in records else "",
        )
        for one in sessions
    }


def _receipt(
    session: SessionRow,
    owner: str,
    days: Sequence[DayFigures],
    reviews: Sequence[ReviewRow],
    order: OrderFacts | None,
    remarks: str,
) -> Receipt:
    filled = session.state in RATABLE
    kept = tuple(days) if filled else ()
    unit = order.organisation_id if order and session.host_id is None else session.host_id
    host = session.host_name or (order.organisation_name if order else "")
    return Receipt(
        session=session,
        number=receipt_number(session),
        people_label=people_label(session.kind),
        owner=_named(session, "host") or (owner,),
        unit=tuple(dict.fromkeys([*([host] if host else []), *_named(session, "organiser")])),
        supporters=_named(session, "support"),
        audience=order.audience if order else (session.seats_taken or session.capacity),
        filled=filled,
        total=total_of(kept),
        shown_days=kept[:MOST_DAYS] if len(kept) > 1 else (),
        groups=tuple((key, words) for key, words in GROUPS.items() if any(key in day.groups for day in kept)),
        review=next((one for one in reviews if one.organisation_id == unit), None) if filled else None,
        remarks=remarks if filled else "",
    )


def _named(session: SessionRow, part: str) -> tuple[str, ...]:
    pairs = zip(session.organiser_parts, session.organiser_names, strict=True)
    return tuple(name for its, name in pairs if its == part)


def total_of(days: Sequence[DayFigures]) -> DayFigures | None:
    """The days added up; a part that was reported of some days only adds up those. ``None`` without a day."""
    if not days:
        return None
    said = [one.workers for one in days if one.workers is not None]
    groups = {key: sum(one.groups.get(key, 0) for one in days) for key in GROUPS if any(key in d.groups for d in days)}
    return DayFigures(
        on=days[0].on,
        total=sum(one.total for one in days),
        workers=sum(said) if said else None,
        groups=groups,
        estimated=any(one.estimated for one in days),
        counted=any(one.counted for one in days),
        named=sum(one.named for one in days),
    )


def receipt_html(receipt: Receipt, *, unstamped: bool = False) -> str:
    """The form as a document of its own; ``unstamped`` says on it that it bears no stamp."""
    return render("papers/receipt_pdf.html", r=receipt, unstamped=unstamped)


async def receipt_pdf(receipt: Receipt, *, unstamped: bool = False) -> bytes:
    """The form as PDF.

    Raises:
        ReportPartMissingError: this machine cannot make PDF.
        UnavailableError: the process that renders was killed.
    """
    return await pdf_of((receipt_html(receipt, unstamped=unstamped), None))
