"""学时证明: issued to people who were there; the number on it can be checked by whoever holds it.

What was issued stands in the journal: the line is the first part of the number, so no table is needed. The same person
with the same hours has the same number however often the paper is printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.permissions import may_keep_list
from outreach.bookings.feedback.queries import RATABLE
from outreach.bookings.queries import readable_session
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.papers.domain.certificates import CertificateNumber, masked_name, said_hours
from outreach.papers.domain.errors import NameErasedError, NoCertificatesError
from outreach.papers.people import CertifiedPerson, people_chosen
from outreach.papers.queries import organisation_names
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.time import local_day
from outreach.web.security import token_digest
from outreach.web.throttle import check_tries, count_try

__all__ = ["MOST_AT_ONCE", "Certificate", "Checked", "certified_session", "check_certificate", "issue_certificates"]

#: Papers of one print: a hundred sheets.
MOST_AT_ONCE = 200
#: Numbers that nobody issued, which one address may try in a minute.
WRONG_NUMBERS, WRONG_NUMBERS_WINDOW = 10, timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One paper: ``days`` the person was there, ``hours`` in 学时 as printed."""

    number: str
    name: str
    unit_name: str
    days: tuple[date, ...]
    hours: str
    session: SessionRow
    issuer: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a stranger with the number reads. ``name`` masked, empty once names were erased; ``stands``: the
    person is said to have been there on as many days as when it was issued."""

    number: str
    title: str
    kind: str
    days: tuple[date, ...]
    hours: str
    name: str
    issuer: str
    issued_on: date
    stands: bool


class _Given(NamedTuple):
    """What the journal keeps of a certificate: half 学时 in all, and of how many days."""

    attendee_id: UUID
    halves: int
    days: int


async def certified_session(actor: Actor, session_id: UUID, *, on_desk: bool) -> SessionRow:
    """The session, for who runs it and, not on the desk, for the contact of its host.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
    """
    session, _own = await readable_session(actor, session_id)
    allowed = may_manage(actor, session.facts) if on_desk else may_keep_list(actor, session.facts)
    if not allowed:
        raise ForbiddenError
    return session


def check_certifiable(session: SessionRow) -> None:
    """Whether anybody can be certified at all.

    Raises:
        NoCertificatesError: nobody's name is known, or nobody was there yet.
    """
    if session.confidential:
        raise NoCertificatesError(why="confidential")
    if session.state not in RATABLE:
        raise NoCertificatesError(why="not-held")


async def issue_certificates(
    actor: Actor, now: datetime, settings: Settings, *, session: SessionRow, people: Sequence[UUID], halves: int
) -> list[Certificate]:
    """Certificates for people who were there, by unit and name; the journal says how many, and never for whom by name.

    Args:
        session: from ``certified_session``.
        people: ids of ``CertifiedPerson``.
        halves: half 学时 of one day.

    Raises:
        NoCertificatesError: the session has none to give.
        NameErasedError: of somebody chosen no name is known any more.
        InvalidError: nobody chosen, too many, or somebody who was not there.
    """
    check_certifiable(session)
    wanted = list(dict.fromkeys(people))
    if not wanted:
        raise invalid("people", "nobody-chosen")
    if len(wanted) > MOST_AT_ONCE:
        raise invalid("people", "too-many-items", most=MOST_AT_ONCE, count=len(wanted))
    async with db.atomic():
        # The same form twice at once gives the same numbers, and nobody is taken back meanwhile.
        await db.execute("SELECT 1 FROM events_session WHERE id = $1 FOR NO KEY UPDATE", session.id)
        chosen = await people_chosen(session, wanted)
        if len(chosen) != len(wanted):
            raise invalid("people", "not-there")
        if nameless := sum(not one.name for one in chosen):
            raise NameErasedError(count=nameless)
        numbers = await _numbers_within(actor, now, session, chosen, halves)
    issuer = (await organisation_names([session.organisation_id])).get(session.organisation_id, "")
    key = identity_key(settings)
    return [
        Certificate(
            number=numbers[one.id].text(key),
            name=one.name,
            unit_name=one.unit_name,
            days=one.days,
            hours=said_hours(halves * len(one.days)),
            session=session,
            issuer=issuer,
            issued_on=local_day(now),
        )
        for one in chosen
    ]


async def _numbers_within(
    actor: Actor, now: datetime, session: SessionRow, chosen: Sequence[CertifiedPerson], halves: int
) -> dict[UUID, CertificateNumber]:
    """The number of everybody; who has one with the same hours keeps it."""
    known = await _issued_within(session.id)
    given = {one.id: _Given(one.id, halves * len(one.days), len(one.days)) for one in chosen}
    new = [one for one in given.values() if one not in known]
    await note_within(
        actor,
        now,
        "certificate.issued",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={
            "count": len(chosen),
            "again": len(chosen) - len(new),
            "certificates": [[str(one.attendee_id), one.halves, one.days] for one in new],
        },
    )
    line = int(await db.value("SELECT currval(pg_get_serial_sequence('accounts_journal', 'id'))"))
    known |= {one: CertificateNumber(line, place) for place, one in enumerate(new, 1)}
    return {id_: known[one] for id_, one in given.items()}


async def _issued_within(session_id: UUID) -> dict[_Given, CertificateNumber]:
    found = await db.rows(
        """SELECT id, facts -> 'certificates' AS certificates FROM accounts_journal
            WHERE object_id = $1 AND action = 'certificate.issued' ORDER BY id""",
        session_id,
    )
    known: dict[_Given, CertificateNumber] = {}
    for line in found:
        for place, one in enumerate(msgspec.json.decode(line["certificates"], type=list[_Given]), 1):
            known.setdefault(one, CertificateNumber(line["id"], place))
    return known


async def check_certificate(typed: str, now: datetime, settings: Settings, *, address: str) -> Checked:
    """What the certificate of this number says.

    Args:
        address: whom wrong tries count for.

    Raises:
        NotFoundError: nobody issued it.
        TooManyRequestsError: too many wrong ones from this address.
    """
    tries = f"certificate:address:{token_digest(address)}"
    await check_tries(tries, limit=WRONG_NUMBERS, now=now)
    key = identity_key(settings)
    number = CertificateNumber.read(typed[:60], key)
    found = await _checked(number, key) if number else None
    if found is None:
        await count_try(tries, limit=WRONG_NUMBERS, window=WRONG_NUMBERS_WINDOW, now=now)
        raise NotFoundError
    return found


async def _checked(number: CertificateNumber, key: bytes) -> Checked | None:
    line = await db.row(
        """SELECT j.object_id, j.at, j.facts #> ARRAY['certificates', ($2::int - 1)::text] AS certificate,
                  s.title, s.kind, o.name AS issuer
             FROM accounts_journal j JOIN events_session s ON s.id = j.object_id
             JOIN accounts_organisation o ON o.id = s.organisation
            WHERE j.id = $1 AND j.action = 'certificate.issued'""",
        number.line,
        number.place,
    )
    if line is None or line["certificate"] is None:
        return None
    given = msgspec.json.decode(line["certificate"], type=_Given)
    return _read(number.text(key), line, given, await _person(line["object_id"], given.attendee_id))


async def _person(session_id: UUID, attendee_id: UUID) -> Any:
    """Whom the number was given to, as things are today; ``None``: nobody of that id is left."""
    return await db.row(
        """SELECT max(b.name) AS name,
                  coalesce(array_agg(b."on" ORDER BY b."on") FILTER (WHERE b.present), '{}') AS days
             FROM attendance_attendee a JOIN attendance_attendee b ON b.session = a.session AND b.identity = a.identity
            WHERE a.id = $2 AND a.session = $1 HAVING count(*) > 0""",
        session_id,
        attendee_id,
    )


def _read(number: str, line: Any, given: _Given, person: Any) -> Checked:
    return Checked(
        number=number,
        title=line["title"],
        kind=line["kind"],
        days=tuple(person["days"]) if person else (),
        hours=said_hours(given.halves),
        name=masked_name(person["name"]) if person else "",
        issuer=line["issuer"],
        issued_on=local_day(line["at"]),
        stands=bool(person and len(person["days"]) >= given.days),
    )
