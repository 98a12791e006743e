"""What attendees say of sessions, as JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance.attendees import identity_key
from outreach.attendance.opinions.forms import OpinionIn
from outreach.attendance.opinions.giving import give_opinion
from outreach.attendance.opinions.reading import SessionOpinions, opinions_for
from outreach.attendance.opinions.who import check_in_of
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path

__all__ = ["ROUTES"]


class OpinionTaken(msgspec.Struct, kw_only=True):
    """``first``: by this request; else there was an answer already, and it stays."""

    first: bool


class OpinionWordsOut(msgspec.Struct, kw_only=True):
    """What one of them wrote, and what that one would change first."""

    change: str
    words: str


class SessionOpinionsOut(msgspec.Struct, kw_only=True):
    """How attendees found a session. With fewer than ``least`` answers only their number is told.

    Means are from 1 to 5, rounded to two places; ``marks``: question → how many gave 1, 2, 3, 4, 5; ``changes``: what
    to change first → how many; ``check_ins``: how many could answer. ``words`` are in no order.
    """

    session_id: UUID
    check_ins: int
    answers: int
    least: int
    useful: float | None
    delivery: float | None
    arrangement: float | None
    mean: float | None
    marks: dict[str, list[int]]
    changes: dict[str, int]
    words: list[OpinionWordsOut]


@post(
    "/api/v1/opinions",
    opt={"public": True, "no_csrf": True, "repeatable": True},
    tags=["attendance"],
    operation_id="giveOpinion",
    summary="三个问题, after checking in",
)
async def post_opinion(
    request: Request[Any, Any, Any],
    data: JSONBody[OpinionIn],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[OpinionTaken]:
    """201 the first time, 200 again: the first answer stands. From the start until 14 days after the end of the
    session. Needs no login; nobody is told who answered."""
    first = await give_opinion(
        now, key=identity_key(settings), attendee_id=check_in_of(request.app.state.secret, data.who), said=data.said
    )
    return Response(OpinionTaken(first=first), status_code=201 if first else 200)


@get(
    "/api/v1/sessions/{session_id:str}/opinions",
    tags=["attendance"],
    operation_id="readOpinions",
    summary="What attendees said of a session",
)
async def session_opinions(session_id: FromPath[str], actor: NamedDependency[Actor]) -> SessionOpinionsOut:
    """Who runs, hosts or evaluates it reads from 3 answers on, who gave it from 5."""
    return _out(await opinions_for(actor, id_in_path(session_id)))


def _out(found: SessionOpinions) -> SessionOpinionsOut:
    said = found.summary

    def mean(name: str) -> float | None:
        value: float | None = getattr(said, name) if said else None
        return None if value is None else round(value, 2)

    return SessionOpinionsOut(
        session_id=found.session.id,
        check_ins=found.check_ins,
        answers=found.answers,
        least=found.least,
        useful=mean("useful"),
        delivery=mean("delivery"),
        arrangement=mean("arrangement"),
        mean=mean("mean"),
        marks={name: list(counts) for name, counts in said.marks.items()} if said else {},
        changes=dict(said.changes) if said else {},
        words=[OpinionWordsOut(change=one.change, words=one.words) for one in found.words],
    )


ROUTES = [post_opinion, session_opinions]
