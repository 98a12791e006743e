"""What attendees said, added up by session, programme, event and provider, and their words; one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from outreach.attendance.opinions.domain.opinions import (
    CHANGE_WORDS,
    LEAST_FOR_STAFF,
    LEAST_TO_SHOW,
    MARKS,
    QUESTIONS,
    OpinionSummary,
    summary_of,
)
from outreach.events.domain.ratings import Rating, shrunk_mean
from outreach.shared import db
from outreach.shared.time import local_midnight, year_bounds

__all__ = [
    "OpinionSummary",
    "OpinionWords",
    "check_ins_of_sessions",
    "opinions_of_events",
    "opinions_of_programmes",
    "opinions_of_providers",
    "opinions_of_sessions",
    "words_of_sessions",
]

#: How many gave each mark to each question, and how many would change what: ``useful_1`` … ``change_nothing``.
_COUNTS = ", ".join(
    [f"count(*) FILTER (WHERE p.{name} = {mark})::int AS {name}_{mark}" for name in QUESTIONS for mark in MARKS]
    + [f"count(*) FILTER (WHERE p.change = '{code}')::int AS change_{code}" for code in CHANGE_WORDS]
)


def _summary(record: Any) -> OpinionSummary:
    def marks_of(name: str) -> tuple[int, int, int, int, int]:
        one, two, three, four, five = (record[f"{name}_{mark}"] for mark in MARKS)
        return one, two, three, four, five

    return summary_of(
        {name: marks_of(name) for name in QUESTIONS}, {code: record[f"change_{code}"] for code in CHANGE_WORDS}
    )


async def opinions_of_sessions(session_ids: Sequence[UUID]) -> dict[UUID, OpinionSummary]:
    """Everything said of each session, nothing withheld; sessions without an answer are left out.

    Before it is shown to anybody: ``domain.opinions.shown_from``.
    """
    found = await db.rows(
        f"SELECT p.session AS id, {_COUNTS} FROM attendance_opinion p WHERE p.session = ANY($1::uuid[]) GROUP BY 1",  # noqa: S608 - names of columns
        list(session_ids),
    )
    return {one["id"]: _summary(one) for one in found}


async def opinions_of_programmes(
    programme_ids: Sequence[UUID], *, year: int, as_of: date
) -> dict[UUID, OpinionSummary]:
    """What was said of the held and closed sessions of each programme that started in ``year`` by ``as_of``.

    Of those only that at least ``LEAST_FOR_STAFF`` answered: else the sum would tell what one person said, by what it
    exceeds the others. Programmes without any are left out.
    """
    start, end = year_bounds(year)
    found = await db.rows(
        f"""WITH counting AS (
                SELECT s.id, s.programme FROM events_session s
                 WHERE s.programme = ANY($1::uuid[]) AND s.state IN ('held', 'closed')
                   AND s.starts_at >= $2 AND s.starts_at < $3
                   AND (SELECT count(*) FROM attendance_opinion q WHERE q.session = s.id) >= $4)
            SELECT c.programme AS id, {_COUNTS}
              FROM counting c JOIN attendance_opinion p ON p.session = c.id GROUP BY 1""",  # noqa: S608 - names of columns
        list(programme_ids),
        start,
        min(end, local_midnight(as_of + timedelta(days=1))),
        LEAST_FOR_STAFF,
    )
    return {one["id"]: _summary(one) for one in found}


async def check_ins_of_sessions(session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many were there by name, a day of a person being one: those who could answer. Those without are left out."""
    found = await db.rows(
        """SELECT a.session AS id, count(*)::int AS number FROM attendance_attendee a
            WHERE a.session = ANY($1::uuid[]) AND a.present GROUP BY 1""",
        list(session_ids),
    )
    return {one["id"]: one["number"] for one in found}


#: Answers by session first, then by what is asked for: columns id, answers, mean, prior. Everybody sees these scores,
#: providers too, so a session counts from $2 answers on: a smaller one would be what the sum exceeds the others by.
_RATINGS = """
WITH said AS (
    SELECT s.id AS session, s.event, s.programme, given.answers, given.marks, given.delivery
      FROM events_session s JOIN LATERAL (
           SELECT count(*) AS answers, sum(p.useful + p.delivery + p.arrangement) AS marks, sum(p.delivery) AS delivery
             FROM attendance_opinion p WHERE p.session = s.id) given ON given.answers >= $2
     WHERE s.state IN ('held', 'closed') AND s.programme IN ({programmes})
), usual AS (
    SELECT programme, sum(marks) / 3.0 / sum(answers) AS mean, sum(delivery)::float8 / sum(answers) AS delivery
      FROM said GROUP BY programme
)
"""
_BY_EVENT = """
SELECT said.event AS id, sum(said.answers)::int AS answers,
       (sum(said.marks) / 3.0 / sum(said.answers))::float8 AS mean,
       (sum(usual.mean * said.answers) / sum(said.answers))::float8 AS prior
  FROM said JOIN usual USING (programme) WHERE said.event = ANY($1::uuid[]) GROUP BY said.event
"""
_BY_PROVIDER = """
SELECT sp.provider AS id, sum(said.answers)::int AS answers,
       (sum(said.delivery)::float8 / sum(said.answers)) AS mean,
       (sum(usual.delivery * said.answers) / sum(said.answers))::float8 AS prior
  FROM said JOIN usual USING (programme) JOIN events_session_provider sp ON sp.session = said.session
 WHERE sp.provider = ANY($1::uuid[]) GROUP BY sp.provider
"""
_OF_EVENTS = "SELECT e.programme FROM events_event e WHERE e.id = ANY($1::uuid[])"
_OF_PROVIDERS = """SELECT given.programme FROM events_session given
      JOIN events_session_provider sp ON sp.session = given.id WHERE sp.provider = ANY($1::uuid[])"""
_EVENTS = _RATINGS.format(programmes=_OF_EVENTS) + _BY_EVENT
_PROVIDERS = _RATINGS.format(programmes=_OF_PROVIDERS) + _BY_PROVIDER


def _rating(record: Any) -> Rating:
    mean, answers = record["mean"], record["answers"]
    return Rating(mean, answers, shrunk_mean(mean, answers, record["prior"]))


async def opinions_of_events(event_ids: Sequence[UUID]) -> dict[UUID, Rating]:
    """The mean of all three questions, and shrunk to that of the programme.

    Of sessions that at least ``LEAST_TO_SHOW`` answered; events without any are left out.
    """
    found = await db.rows(_EVENTS, list(event_ids), LEAST_TO_SHOW)
    return {one["id"]: _rating(one) for one in found}


async def opinions_of_providers(provider_ids: Sequence[UUID]) -> dict[UUID, Rating]:
    """The mean of what was said of the delivery, which is theirs, and shrunk to that of the programme.

    Of one who came to several programmes: to theirs as often as they were answered for there. Of sessions that at least
    ``LEAST_TO_SHOW`` answered; providers without any are left out.
    """
    found = await db.rows(_PROVIDERS, list(provider_ids), LEAST_TO_SHOW)
    return {one["id"]: _rating(one) for one in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionWords:
    """What one of them wrote; ``on``: the day of the session; ``change``: code of ``CHANGE_WORDS`` or empty."""

    session_id: UUID
    title: str
    on: date
    change: str
    words: str


async def words_of_sessions(
    session_ids: Sequence[UUID], *, limit: int, least: int = LEAST_FOR_STAFF
) -> list[OpinionWords]:
    """What people wrote of sessions that at least ``least`` answered, the latest session first.

    Within a session by an id that was drawn at random, so that the order tells nothing.
    """
    found = await db.rows(
        """SELECT p.session AS session_id, s.title, timezone('Asia/Shanghai', s.starts_at)::date AS "on", p.change,
                  p.words
             FROM attendance_opinion p JOIN events_session s ON s.id = p.session
            WHERE p.session IN (SELECT session FROM attendance_opinion WHERE session = ANY($1::uuid[])
                                 GROUP BY session HAVING count(*) >= $2)
              AND p.words <> ''
            ORDER BY s.starts_at DESC, s.id, p.id LIMIT $3""",
        list(session_ids),
        least,
        limit,
    )
    return [OpinionWords(**one) for one in found]
