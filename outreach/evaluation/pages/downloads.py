"""Files of the evaluators' workspace; each one taken writes a line into the journal."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from outreach.attendance.attendees import identity_key
from outreach.evaluation.asking import Asked, asked_owner
from outreach.evaluation.domain.readers import evaluator
from outreach.evaluation.files import attendees_csv, note_export, number_of_attendees, sessions_xlsx
from outreach.evaluation.scorecard import Owner
from outreach.evaluation.sessions import evaluated_sessions
from outreach.programmes.asking import TextAsked
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import FIRST_YEAR, LAST_YEAR
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

DayAsked = Annotated[str, QueryParameter(max_length=10)]


async def _asked(actor: Actor, now: datetime, year: str, as_of: str, organisation: str) -> tuple[Asked, Owner]:
    """The year in the address and an owner with programmes in it.

    Raises:
        NotFoundError: no such year, or nothing in it that the reader evaluates.
    """
    if not (year.isascii() and year.isdigit() and len(year) == 4 and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise NotFoundError
    reader = evaluator(actor)
    asked = await asked_owner(reader.evaluates, now, year=int(year), as_of=as_of, organisation=organisation)
    if asked.owner is None:
        raise NotFoundError
    return asked, asked.owner


def _headers(name: str, title: str, ending: str) -> dict[str, Any]:
    return {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename=\"{name}.{ending}\"; filename*=UTF-8''{quote(title)}.{ending}",
    }


@get("/evaluation/{year:str}/sessions.xlsx", include_in_schema=False)
async def sessions_file(
    year: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Response[bytes]:
    """The sessions of a year with their figures."""
    asked, owner = await _asked(actor, now, year, as_of, organisation)
    found = await evaluated_sessions(owner.id, year=asked.year, as_of=asked.as_of)
    content = await sessions_xlsx(found, as_of=asked.as_of)
    await note_export(actor, now, owner, what="evaluation-sessions", year=asked.year, number=len(found))
    headers = _headers(f"sessions-{year}", _("%(year)s年场次（评估用）") % {"year": year}, "xlsx")
    return Response(content, media_type=XLSX, headers=headers)


@get("/evaluation/{year:str}/attendees.csv", include_in_schema=False)
async def attendees_file(
    year: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Stream:
    """Who was there in a year, under pseudonyms; sent a piece at a time."""
    asked, owner = await _asked(actor, now, year, as_of, organisation)
    number = await number_of_attendees(owner.id, year=asked.year, as_of=asked.as_of)
    await note_export(actor, now, owner, what="evaluation-attendees", year=asked.year, number=number)
    rows = attendees_csv(owner.id, identity_key(settings), year=asked.year, as_of=asked.as_of)
    headers = _headers(f"attendees-{year}", _("%(year)s年参加人（评估用，代号）") % {"year": year}, "csv")
    return Stream(rows, media_type="text/csv", headers=headers)


ROUTES = [sessions_file, attendees_file]
