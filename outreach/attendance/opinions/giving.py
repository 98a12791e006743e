"""Say how a session was, after checking in. No journal line, no message: both would tell who and when."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.attendance.opinions.domain.opinions import CHANGE_WORDS, MARKS, MOST_WORDS, QUESTIONS, check_time
from outreach.attendance.opinions.who import given_by
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.time import local_day

__all__ = ["Asked", "Said", "asked_of", "give_opinion"]

#: A telephone or card number that somebody writes into the words is not kept.
_NUMBER = re.compile(r"\d{8,}")


@dataclass(frozen=True, slots=True)
class Said:
    """Marks from 1 to 5; ``change``: code of ``CHANGE_WORDS`` or empty for not said."""

    useful: int
    delivery: int
    arrangement: int
    change: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A check-in as one who may answer: at which session, and whether that was done."""

    session_id: UUID
    kind: str
    present: bool
    state: str
    starts_at: datetime
    ends_at: datetime
    answered: bool

    def check_open(self, now: datetime) -> None:
        """Let an answer at ``now`` pass.

        Raises:
            OpinionClosedError: too early, over, cancelled, or the person was not there after all.
        """
        if not self.present:
            raise OpinionClosedError(why="not-there")
        check_time(self.state, self.starts_at, self.ends_at, now)


_ASKED = """SELECT s.id AS session_id, s.kind, a.present, s.state, s.starts_at, s.ends_at,
       EXISTS (SELECT 1 FROM attendance_opinion p WHERE p.given_by = $2) AS answered
  FROM events_session s JOIN attendance_attendee a ON a.session = s.id WHERE a.id = $1"""


async def asked_of(key: bytes, attendee_id: UUID, *, token: str | None = None) -> Asked:
    """What is known of the check-in behind a link.

    Args:
        key: ``attendees.identity_key(settings)``.
        token: of the poster whose session it must belong to; ``None``: of any.

    Raises:
        InvalidError: there is no such check-in; names ``who``.
    """
    return await _asked(_ASKED, key, attendee_id, token)


async def _asked(sql: str, key: bytes, attendee_id: UUID, token: str | None) -> Asked:
    of_door = "EXISTS (SELECT 1 FROM attendance_door d WHERE d.session = s.id AND d.token = $3)"
    found = await db.row(
        sql.replace("WHERE", f"WHERE ($3::text IS NULL OR {of_door}) AND"),
        attendee_id,
        given_by(key, attendee_id),
        token,
    )
    if found is None:
        raise invalid("who", "check-in-unknown")
    return Asked(**found)


async def give_opinion(now: datetime, *, key: bytes, attendee_id: UUID, said: Said, token: str | None = None) -> bool:
    """Keep what somebody who checked in says; the first answer stands.

    Of the person nothing is kept but a keyed hash, of the time only the day; the row's id is drawn at random, since
    those of other rows tell the time.

    Args:
        key, token: as for ``asked_of``.

    Returns:
        whether this was the first; ``False``: there was an answer already, and it stays.

    Raises:
        InvalidError: names every bad field, and ``who`` where there is no such check-in.
        OpinionClosedError: too early, over, cancelled, or the check-in was taken back.
    """
    check_said(said)
    async with db.atomic():
        # The session first, as everywhere; both held, so that neither is taken back meanwhile.
        asked = await _asked(_ASKED + " FOR SHARE OF s, a", key, attendee_id, token)
        if asked.answered:
            return False
        asked.check_open(now)
        return bool(
            await db.execute(
                """INSERT INTO attendance_opinion
                          (id, session, given_by, useful, delivery, arrangement, change, words, "on")
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (given_by) DO NOTHING""",
                uuid4(),
                asked.session_id,
                given_by(key, attendee_id),
                said.useful,
                said.delivery,
                said.arrangement,
                said.change,
                _NUMBER.sub("＊＊＊", said.words.strip()),
                local_day(now),
            )
        )


def check_said(said: Said) -> None:
    """Raise ``InvalidError`` naming every field that cannot be."""
    problems = [
        FieldProblem(name, "not-one-of", {"options": list(MARKS)})
        for name in QUESTIONS
        if getattr(said, name) not in MARKS
    ]
    if said.change and said.change not in CHANGE_WORDS:
        problems.append(FieldProblem("change", "not-one-of", {"options": list(CHANGE_WORDS)}))
    if len(said.words) > MOST_WORDS:
        problems.append(FieldProblem("words", "too-long", {"most": MOST_WORDS, "length": len(said.words)}))
    if problems:
        raise InvalidError(problems)
