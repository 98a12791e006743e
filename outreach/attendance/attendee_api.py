"""Check-ins and the list of a session's people as JSON. ``api.py`` passes its routes on."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from outreach.attendance import people
from outreach.attendance.attendee_schemas import (
    AttendeeIn,
    AttendeeList,
    AttendeeOut,
    CheckinIn,
    CheckinOut,
    UndoIn,
    attendee_out,
    checkin_out,
)
from outreach.attendance.attendees import PersonGiven, identity_key
from outreach.attendance.checking_in import check_in
from outreach.attendance.domain.doors import day_at
from outreach.attendance.domain.identity import identity_of, normal_number
from outreach.attendance.doors import DoorView, door_by_token, door_by_typed_code, kept_session
from outreach.attendance.opinions.who import who_of
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.ids import id_in_path
from outreach.shared.paging import MAX_LIMIT
from outreach.shared.text import clean_line

__all__ = ["ATTENDEE_ROUTES"]

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, QueryParameter(max_length=2000)]


@post(
    "/api/v1/checkins",
    opt={"public": True, "no_csrf": True, "repeatable": True},
    tags=["attendance"],
    operation_id="checkIn",
    summary="签到 by the poster's code or token",
)
async def post_checkin(
    request: Request[Any, Any, Any],
    data: JSONBody[CheckinIn],
    now: NamedDependency[datetime],
) -> Response[CheckinOut]:
    """201 the first time, 200 with the time of the first when the person is there already. Needs no login; wrong codes
    are limited to ten a minute and address."""
    done = await check_in(
        now,
        door=await _door(data, now, request.client.host if request.client else ""),
        key=identity_key(request.app.state.settings),
        name=data.name,
        unit=data.unit or data.organisation,
        phone=data.phone,
        came_by="code" if data.token is None else "qr",
    )
    opinion = who_of(request.app.state.secret, done.attendee_id)
    return Response(checkin_out(done, opinion), status_code=201 if done.first else 200)


async def _door(data: CheckinIn, now: datetime, address: str) -> DoorView:
    if data.token is not None:
        return await door_by_token(data.token)
    if data.code is None:
        raise invalid("code", "required")
    return await door_by_typed_code(data.code, now, address=address)


class AttendeeController(Controller):
    """Named people of a session."""

    path = "/api/v1/sessions/{session_id:str}/attendees"
    tags = ("attendance",)

    @get("/", operation_id="listAttendees", summary="Who is expected or was there")
    async def list_attendees(
        self,
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        settings: NamedDependency[Settings],
        on: FromQuery[dt.date | None] = None,
        present: FromQuery[bool | None] = None,
        limit: Limit = 50,
        after: Cursor = None,
    ) -> AttendeeList:
        """Staff and the host's contact read names and the last four of a number, evaluators pseudonyms."""
        found = await people.attendees_page(
            actor,
            identity_key(settings),
            session_id=id_in_path(session_id),
            on=on,
            present=present,
            limit=limit,
            after=after,
        )
        return AttendeeList(items=[attendee_out(one) for one in found.items], next=found.next, total=found.total)

    @post("/", operation_id="addAttendee", summary="Add one person, there or expected")
    async def add(
        self,
        session_id: FromPath[str],
        data: JSONBody[AttendeeIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        settings: NamedDependency[Settings],
    ) -> Response[AttendeeOut]:
        """200 when the person is there (or expected) already: the first time stays."""
        session = await kept_session(actor, id_in_path(session_id))
        recorded = await people.add_person(
            actor,
            now,
            session_id=session.id,
            on=data.on or day_at(session.starts_at, session.ends_at, now),
            person=_person(data, settings),
            expected_only=data.expected,
        )
        row = await people.attendee_by_id(session.id, recorded.attendee_id)
        return Response(attendee_out(row), status_code=201 if recorded.first else 200)

    @post("/{attendee_id:str}/undo", status_code=200, operation_id="undoAttendee", summary="Was not there after all")
    async def undo(
        self,
        session_id: FromPath[str],
        attendee_id: FromPath[str],
        data: JSONBody[UndoIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> AttendeeOut:
        """Until the session is closed; who is expected stays on the list. Again: nothing changes."""
        row = await people.undo_presence(
            actor,
            now,
            session_id=id_in_path(session_id),
            attendee_id=id_in_path(attendee_id),
            reason=data.reason,
        )
        return attendee_out(row)


def _person(data: AttendeeIn, settings: Settings) -> PersonGiven:
    name, unit = clean_line(data.name), clean_line(data.unit or data.organisation)
    if data.phone and not normal_number(data.phone):
        raise invalid("phone", "bad-phone")
    return PersonGiven(
        name=name,
        unit_name=unit,
        organisation_id=data.organisation_id,
        identity=identity_of(identity_key(settings), number=data.phone, name=name, unit=unit),
        is_worker=data.is_worker,
        groups=tuple(dict.fromkeys(data.groups)),
    )


ATTENDEE_ROUTES = [post_checkin, AttendeeController]
