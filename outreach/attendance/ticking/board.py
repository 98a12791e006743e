"""The rows that the taps of one request are about, read once, decided in memory, written once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.attendance.attendees import PersonGiven
from outreach.attendance.domain.identity import Identity, comparable, identity_of
from outreach.attendance.domain.listed import Listed, listed_as
from outreach.attendance.ticking.answers import Answer
from outreach.attendance.ticking.domain.ticks import Person
from outreach.bookings.domain.contact import phone_problems
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["Board", "board_within", "identified"]


def identified(key: bytes, name: str, unit: str, phone: str) -> PersonGiven:
    """Somebody as the keeper of the list names them; of ``phone`` a hash and the last four remain.

    Raises:
        InvalidError: no name, or a number that is none.
    """
    name, unit = clean_line(name), clean_line(unit)
    problems = [] if comparable(name) else [FieldProblem("name", "required")]
    problems += phone_problems("phone", phone) if phone.strip() else []
    if problems:
        raise InvalidError(problems)
    return PersonGiven(name=name, unit_name=unit, identity=identity_of(key, number=phone, name=name, unit=unit))


@dataclass(slots=True)
class Board:
    """``named``: whom each key without an id names, as the list knows them."""

    named: Mapping[UUID, PersonGiven]
    by_id: dict[UUID, Person] = field(default_factory=dict)
    by_identity: dict[str, Person] = field(default_factory=dict)

    def person(self, key: UUID, attendee_id: UUID | None) -> Person | None:
        """The row that a tap is about."""
        if attendee_id is not None:
            return self.by_id.get(attendee_id)
        return self.by_identity.get(self.named[key].identity.hash)

    def missing(self, keys: Sequence[UUID]) -> list[PersonGiven]:
        """Whom the keys name and who has no row yet, each once."""
        named = [self.named[key] for key in keys if key in self.named]
        return list({one.identity.hash: one for one in named if one.identity.hash not in self.by_identity}.values())

    def add(self, identity: str, attendee_id: UUID, now: datetime) -> None:
        """A row that this request wrote."""
        made = Person(attendee_id, present=True, revision=1, came_by="list", checked_in_at=now, new=True)
        self.by_id[attendee_id] = self.by_identity[identity] = made

    def recall(self, answer: Answer) -> None:
        """What this phone was told before of a tap that it sends again: the row it made is its own doing."""
        if answer.attendee is not None and answer.attendee.id in self.by_id:
            self.by_id[answer.attendee.id].know(answer.attendee.revision)

    async def write_within(self, now: datetime) -> None:
        """Write what the taps changed, all by one statement."""
        changed = [one for one in self.by_id.values() if one.changed]
        if not changed:
            return
        await db.execute(
            """UPDATE attendance_attendee a
                  SET present = g.present, came_by = g.came_by, checked_in_at = g.at, device = '', changed_at = $1,
                      revision = g.revision
                 FROM unnest($2::uuid[], $3::bool[], $4::text[], $5::timestamptz[], $6::int[])
                      AS g (id, present, came_by, at, revision)
                WHERE a.id = g.id""",
            now,
            [one.id for one in changed],
            [one.present for one in changed],
            [one.came_by for one in changed],
            [one.checked_in_at for one in changed],
            [one.revision for one in changed],
        )


async def board_within(
    session_id: UUID, on: date, key: bytes, ids: Sequence[UUID], named: Mapping[UUID, PersonGiven]
) -> Board:
    """Read and lock the rows of that day with these ids, and whom ``named`` are, on whichever day they were listed.

    One statement. The session's row is locked alone, so nobody else writes its people meanwhile.
    """
    hashes = {one.identity.hash for one in named.values()}
    hashes |= {_by_name(key, one).hash for one in named.values()}
    found = await db.rows(
        """SELECT id, "on", identity, by_number, tail, name, unit_name, expected, present, came_by, checked_in_at,
                  revision
             FROM attendance_attendee
            WHERE session = $1 AND (id = ANY($2::uuid[]) OR identity = ANY($3::text[])
                                    OR replace(name, ' ', '') = ANY($4::text[]))
            ORDER BY by_number, id FOR NO KEY UPDATE""",
        session_id,
        list(ids),
        list(hashes),
        list({one.name.replace(" ", "") for one in named.values()}),
    )
    listed = [_listed(one) for one in found if one["expected"] or one["present"]]
    known = {}
    for each, one in named.items():
        known[each] = _known(listed, key, one)
        # Named twice, once with a number: the second finds the first.
        listed.append(Listed(identity=known[each].identity, name=one.name, unit_name=one.unit_name))
    board = Board(known)
    for one in found:
        if one["on"] == on:
            person = Person(one["id"], one["present"], one["revision"], one["came_by"], one["checked_in_at"])
            board.by_id[person.id] = board.by_identity[one["identity"]] = person
    return board


def _by_name(key: bytes, person: PersonGiven) -> Identity:
    return identity_of(key, name=person.name, unit=person.unit_name)


def _listed(record: Any) -> Listed:
    identity = Identity(record["identity"], by_number=record["by_number"], tail=record["tail"])
    return Listed(identity=identity, name=record["name"], unit_name=record["unit_name"])


def _known(listed: Sequence[Listed], key: bytes, person: PersonGiven) -> PersonGiven:
    """The person under the identity that the list has, if it has one."""
    who, by_name = person.identity, _by_name(key, person)
    likely = sorted(listed, key=lambda one: (one.identity.hash != who.hash, one.identity.hash != by_name.hash))
    known = listed_as(likely, who, by_name, name=person.name, unit=person.unit_name, typed=who.by_number)
    return PersonGiven(name=person.name, unit_name=person.unit_name, identity=known or who)
