"""What evaluators read: all that a judgement needs, and nobody's name. Staff may open it to see what they see."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from outreach.attendance.attendees import identity_key
from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS
from outreach.attendance.costs.domain.money import KIND_WORDS, yuan_text
from outreach.attendance.opinions.wording import change_words, questions_for
from outreach.attendance.people import AttendeeRow, attendees_page
from outreach.evaluation.asking import Asked, asked_card, asked_owner
from outreach.evaluation.domain.readers import evaluator
from outreach.evaluation.scorecard import score_of
from outreach.evaluation.sessions import (
    evaluated_session,
    evaluated_sessions,
    guests_among,
    number_of_sessions,
    reviews_of_session,
)
from outreach.evaluation.showing import details, shown
from outreach.evaluation.wording import EVIDENCE_ORDER, WAY_WORDS, mark_text
from outreach.programmes.asking import IdAsked, PageNumber, TextAsked, YearAsked, day_of_year
from outreach.programmes.queries import programme_by_id, programmes_of_year
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.paging import Page
from outreach.shared.time import local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
DayAsked = Annotated[str, QueryParameter(max_length=10)]
Cursor = Annotated[str, QueryParameter(max_length=2000)]

#: Sessions, and people of a session, on one page.
PER_PAGE = 50


@get("/evaluation", include_in_schema=False)
async def workspace(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Response[Any]:
    """The scorecard of a year, and the ways on: sessions, files."""
    reader = evaluator(actor)
    asked, card = await asked_card(reader.evaluates, now, year=year, as_of=as_of, organisation=organisation)
    return page(request, "evaluation/workspace.html", asked=asked, **shown(card), is_staff=actor.is_staff)


@get("/evaluation/programmes/{programme_id:str}", include_in_schema=False)
async def programme(
    request: AnyRequest,
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: DayAsked = "",
) -> Response[Any]:
    """One programme: its scores, targets and what attendees said, without their words."""
    row = await programme_by_id(id_in_path(programme_id))
    if not evaluator(actor).evaluates(row.organisation_path):
        raise NotFoundError
    day = day_of_year(as_of, row.year, now)
    card, one = await score_of(row, day, now)
    return page(request, "evaluation/evaluated.html", one=one, **details(card, one))


@get("/evaluation/sessions", include_in_schema=False)
async def sessions(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
    programme: IdAsked = "",
    page_number: PageNumber = 1,
) -> Response[Any]:
    """Every session that counts, with its figures."""
    reader = evaluator(actor)
    asked = await asked_owner(reader.evaluates, now, year=year, as_of=as_of, organisation=organisation)
    chosen = id_in_path(programme) if programme else None
    found, total = await _sessions(asked, chosen, page_number)
    return page(
        request,
        "evaluation/sessions.html",
        asked=asked,
        sessions=found,
        programmes=await _programmes(asked),
        chosen=str(chosen or ""),
        paging=_paging(asked, programme, page_number, total),
        total=total,
        yuan=yuan_text,
        mark=mark_text,
    )


async def _sessions(asked: Asked, chosen: UUID | None, number: int) -> tuple[list[Any], int]:
    if asked.owner is None:
        return [], 0
    span = {"year": asked.year, "as_of": asked.as_of, "programme_id": chosen}
    total = await number_of_sessions(asked.owner.id, **span)  # type: ignore[arg-type]
    start = (number - 1) * PER_PAGE
    return await evaluated_sessions(asked.owner.id, **span, limit=PER_PAGE, offset=start), total  # type: ignore[arg-type]


async def _programmes(asked: Asked) -> list[tuple[str, str]]:
    if asked.owner is None:
        return []
    found = await programmes_of_year(asked.year, asked.owner.path)
    return [(str(one.id), one.short_name) for one in found if one.organisation_id == asked.owner.id and one.scheduled]


def _paging(asked: Asked, programme: str, number: int, total: int) -> dict[str, Any]:
    def to(other: int) -> str:
        more = urlencode({"programme": programme, "page": other} if programme else {"page": other})
        return f"/evaluation/sessions?{asked.query}&{more}"

    last = max(-(-total // PER_PAGE), 1)
    return {
        "number": number,
        "last": last,
        "first_item": (number - 1) * PER_PAGE + 1 if total else 0,
        "last_item": min(number * PER_PAGE, total),
        "total": total,
        "before": to(number - 1) if 1 < number <= last else None,
        "after": to(number + 1) if number < last else None,
    }


@get("/evaluation/sessions/{session_id:str}", include_in_schema=False)
async def session(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    settings: NamedDependency[Settings],
    after: Cursor = "",
) -> Response[Any]:
    """One session: its figures, who was there under pseudonyms, marks; no words, no files."""
    reader = evaluator(actor)
    s = await evaluated_session(reader, id_in_path(session_id))
    people = await attendees_page(
        reader, identity_key(settings), session_id=s.id, present=True, limit=PER_PAGE, after=after or None
    )
    return page(
        request,
        "evaluation/session.html",
        s=s,
        year=local_day(s.starts_at).year,
        people=people,
        units=await _units(people),
        reviews=await reviews_of_session(s.id, confidential=s.confidential),
        questions=questions_for(s.kind),
        changes=change_words(),
        ways={key: _(words) for key, words in WAY_WORDS.items()},
        costs=[(_(KIND_WORDS[kind]), yuan_text(fen)) for kind, fen in s.cost_by_kind.items()],
        evidence=[(_(EVIDENCE_WORDS[kind]), s.evidence.get(kind, 0)) for kind in EVIDENCE_ORDER],
        paging={"total": people.total, "after": f"?{urlencode({'after': people.next})}" if people.next else None},
        yuan=yuan_text,
        mark=mark_text,
    )


async def _units(people: Page[AttendeeRow]) -> dict[UUID, str]:
    """The unit of each person; nothing for those of a guest."""
    guests = await guests_among([one.organisation_id for one in people.items if one.organisation_id])
    return {one.id: "" if one.organisation_id in guests else one.organisation_name for one in people.items}


ROUTES = [workspace, programme, sessions, session]
