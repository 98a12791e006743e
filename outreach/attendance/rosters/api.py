"""A roster file by programs."""

import datetime as dt
from datetime import datetime
from typing import Any

from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.attendees import identity_key
from outreach.attendance.rosters.access import day_of, place_of
from outreach.attendance.rosters.commands import import_roster
from outreach.attendance.rosters.schemas import MOST_TOLD, ImportForm, ImportOut, import_out
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form

__all__ = ["ROUTES"]


@post(
    "/api/v1/sessions/{session_id:str}/attendees/import",
    status_code=200,
    tags=["attendance"],
    operation_id="importAttendees",
    summary="A roster: xlsx, xls or csv, of people who were there or who are expected",
    opt={"any_media": True},
)
async def import_attendees(
    request: Request[Any, Any, Any],
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    presence: FromQuery[bool] = True,
    dry_run: FromQuery[bool] = False,
    on: FromQuery[dt.date | None] = None,
    filename: FromQuery[str] = "",
) -> ImportOut:
    """The body is the file itself, or `multipart/form-data` with a field `file` (and, if wanted, the parameters as
    fields). Accepted people are stored in one transaction; rejected rows are left aside and told; `dry_run` stores
    nothing. The same file again stores nothing twice. `on`: one day of a session of several (default: today, or the
    nearest day of it)."""
    id_ = id_in_path(session_id)
    place = await place_of(actor, id_)
    given = ImportForm(filename=filename[:255])
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        values = await read_form(request)
        file = values.get("file")
        if not isinstance(file, UploadFile):
            raise invalid("file", "required")
        given = parse_form(ImportForm, {name: text for name, text in values.items() if name != "file"})
        content, name = await file.read(), given.filename or file.filename
    else:
        content, name = await request.body(), given.filename
    made = await import_roster(
        actor,
        now,
        session_id=id_,
        content=content,
        name=name,
        presence=presence if given.presence is None else given.presence,
        on=given.on or on or day_of(place.session, now),
        key=identity_key(settings),
        dry_run=dry_run if given.dry_run is None else given.dry_run,
        keep=MOST_TOLD,
    )
    return import_out(id_, made)


ROUTES = [import_attendees]
