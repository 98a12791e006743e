"""JSON of the menu, providers, venues and sessions."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from outreach.events import commands, menu
from outreach.events.domain.drafts import EventDraft, VenueDraft
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionFilter, sessions_page, visible_session
from outreach.events.schemas import (
    EventIn,
    EventList,
    EventOut,
    EventPatch,
    ProviderIn,
    ProviderList,
    ProviderOut,
    ProviderPatch,
    PublishIn,
    SessionIn,
    SessionList,
    SessionOut,
    VenueIn,
    VenueList,
    VenueOut,
    VenuePatch,
    event_out,
    patched,
    patched_provider,
    provider_out,
    session_out,
    venue_out,
)
from outreach.events.warnings import warnings_of_session
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, day_bounds
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
# Limits stand in QueryParameter: it takes the place of a Meta within FromQuery[…], silently.
Text = Annotated[str, QueryParameter(max_length=200, pattern=r"^[^\x00]*\Z")]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]
Cursor = Annotated[str | None, QueryParameter(max_length=2000)]


def _created(body: Any, path: str) -> Response[Any]:
    return Response(
        body, status_code=201, headers={"ETag": revision_tag(body.revision), "Location": f"{path}/{body.id}"}
    )


def _one(body: Any) -> Response[Any]:
    return Response(body, headers={"ETag": revision_tag(body.revision)})


def _expected(request: AnyRequest, read: int) -> int:
    """The revision that the change was made for: the caller's own, else the one it was just merged with."""
    given = expected_revision(request)
    return read if given is None else given


class EventController(Controller):
    """The menu."""

    path = "/api/v1/events"
    tags = ("events",)

    @get("/", opt={"public": True}, operation_id="listEvents", summary="What can be booked or ordered")
    async def list_events(
        self,
        visitor: NamedDependency[Actor | None],
        programme: Text = "",
        kind: Text = "",
        q: Text = "",
        limit: Limit = 50,
        after: Cursor = None,
    ) -> EventList:
        """By title; items taken off the menu are shown to their keepers. `programme`: code or id."""
        found = await menu.events_page(visitor, programme=programme, kind=kind, q=q, limit=limit, after=after)
        return EventList(items=[event_out(one) for one in found.items], next=found.next, total=found.total)

    @post("/", operation_id="addEvent", summary="Put something on the menu")
    async def add(
        self, data: JSONBody[EventIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[EventOut]:
        """By an organiser of the programme."""
        event_id = await commands.add_event(actor, now, draft=data.draft())
        return _created(event_out(await menu.event_by_id(actor, event_id)), self.path)

    @get("/{event_id:str}", opt={"public": True}, operation_id="getEvent", summary="One item of the menu")
    async def read(self, event_id: FromPath[str], visitor: NamedDependency[Actor | None]) -> Response[EventOut]:
        """Answers 404 for an item off the menu."""
        return _one(event_out(await menu.event_by_id(visitor, id_in_path(event_id))))

    @patch("/{event_id:str}", operation_id="changeEvent", summary="Change an item of the menu")
    async def change(
        self,
        request: AnyRequest,
        event_id: FromPath[str],
        data: JSONBody[EventPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[EventOut]:
        """By an organiser of the programme; sessions made of it keep what they have. Honours `If-Match`."""
        stored = await menu.event_by_id(actor, id_in_path(event_id))
        draft = patched(EventDraft, stored, data)
        revision = _expected(request, stored.revision)
        await commands.change_event(actor, now, event_id=stored.id, draft=draft, revision=revision)
        return _one(event_out(await menu.event_by_id(actor, stored.id)))


class ProviderController(Controller):
    """Lecturers and troupes."""

    path = "/api/v1/providers"
    tags = ("providers",)

    @get("/", opt={"staff": True}, operation_id="listProviders", summary="Lecturers and troupes")
    async def list_providers(
        self,
        actor: NamedDependency[Actor],
        kind: FromQuery[Literal["lecturer", "troupe"] | None] = None,
        q: Text = "",
        limit: Limit = 50,
        after: Cursor = None,
    ) -> ProviderList:
        """Those of the caller's organisations and of all below, by name."""
        found = await menu.providers_page(actor, kind=kind or "", q=q, limit=limit, after=after)
        return ProviderList(items=[provider_out(one) for one in found.items], next=found.next, total=found.total)

    @post("/", opt={"staff": True}, operation_id="addProvider", summary="Take in a lecturer or a troupe")
    async def add(
        self, data: JSONBody[ProviderIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[ProviderOut]:
        """By an organiser."""
        provider_id = await commands.add_provider(actor, now, draft=data.draft())
        return _created(provider_out(await menu.provider_by_id(actor, provider_id)), self.path)

    @get("/{provider_id:str}", opt={"staff": True}, operation_id="getProvider", summary="One lecturer or troupe")
    async def read(self, provider_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[ProviderOut]:
        """Answers 404 for those of other organisations."""
        return _one(provider_out(await menu.provider_by_id(actor, id_in_path(provider_id))))

    @patch("/{provider_id:str}", opt={"staff": True}, operation_id="changeProvider", summary="Change a provider")
    async def change(
        self,
        request: AnyRequest,
        provider_id: FromPath[str],
        data: JSONBody[ProviderPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[ProviderOut]:
        """By its organiser. What is tied stays tied. Honours `If-Match`."""
        stored = await menu.provider_by_id(actor, id_in_path(provider_id))
        draft = patched_provider(stored, data)
        revision = _expected(request, stored.revision)
        await commands.change_provider(actor, now, provider_id=stored.id, draft=draft, revision=revision)
        return _one(provider_out(await menu.provider_by_id(actor, stored.id)))


class VenueController(Controller):
    """Places."""

    path = "/api/v1/venues"
    tags = ("venues",)

    @get("/", opt={"staff": True}, operation_id="listVenues", summary="Places")
    async def list_venues(
        self,
        actor: NamedDependency[Actor],
        district: Text = "",
        q: Text = "",
        limit: Limit = 50,
        after: Cursor = None,
    ) -> VenueList:
        """Those of the caller's organisations and of all below, by name."""
        found = await menu.venues_page(actor, district=district, q=q, limit=limit, after=after)
        return VenueList(items=[venue_out(one) for one in found.items], next=found.next, total=found.total)

    @post("/", opt={"staff": True}, operation_id="addVenue", summary="Take in a place")
    async def add(
        self, data: JSONBody[VenueIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[VenueOut]:
        """By an organiser."""
        venue_id = await commands.add_venue(actor, now, draft=data.draft())
        return _created(venue_out(await menu.venue_by_id(actor, venue_id)), self.path)

    @get("/{venue_id:str}", opt={"staff": True}, operation_id="getVenue", summary="One place")
    async def read(self, venue_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[VenueOut]:
        """Answers 404 for those of other organisations."""
        return _one(venue_out(await menu.venue_by_id(actor, id_in_path(venue_id))))

    @patch("/{venue_id:str}", opt={"staff": True}, operation_id="changeVenue", summary="Change a place")
    async def change(
        self,
        request: AnyRequest,
        venue_id: FromPath[str],
        data: JSONBody[VenuePatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[VenueOut]:
        """By its organiser. Published sessions keep the times they tie. Honours `If-Match`."""
        stored = await menu.venue_by_id(actor, id_in_path(venue_id))
        draft = patched(VenueDraft, stored, data)
        revision = _expected(request, stored.revision)
        await commands.change_venue(actor, now, venue_id=stored.id, draft=draft, revision=revision)
        return _one(venue_out(await menu.venue_by_id(actor, stored.id)))


class SessionController(Controller):
    """Sessions; changing, cancelling and claiming lies with bookings, holding and closing with attendance."""

    path = "/api/v1/sessions"
    tags = ("sessions",)

    @get("/", opt={"public": True}, operation_id="listSessions", summary="Sessions that the caller may see")
    async def list_sessions(
        self,
        visitor: NamedDependency[Actor | None],
        now: NamedDependency[datetime],
        from_: Annotated[str, QueryParameter(name="from", max_length=40)] = "",
        to: Text = "",
        programme: Text = "",
        kind: Text = "",
        district: Text = "",
        session_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
        open_: Annotated[bool, QueryParameter(name="open")] = False,
        unrecorded: FromQuery[bool] = False,
        q: Text = "",
        limit: Limit = 50,
        after: Cursor = None,
    ) -> SessionList:
        """By start. `from`, `to`: days, both included, or moments; `programme`: code or id; `open`: bookable now."""
        wanted = SessionFilter(
            starts_from=_moment("from", from_, last=False),
            starts_before=_moment("to", to, last=True),
            programme=programme,
            kind=kind,
            district=district,
            state=_state(session_state),
            open=open_,
            unrecorded=unrecorded,
            q=q,
        )
        found = await sessions_page(visitor, wanted, now, limit=limit, after=after)
        items = [session_out(one, visitor, now) for one in found.items]
        return SessionList(items=items, next=found.next, total=found.total)

    @post("/", operation_id="createSession", summary="Draft a session")
    async def create(
        self, data: JSONBody[SessionIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[SessionOut]:
        """By an organiser. What is left out comes from the event, the venue and the programme."""
        session_id = await commands.create_session(actor, now, given=data.given())
        return _created(session_out(await visible_session(actor, session_id), actor, now), self.path)

    @get("/{session_id:str}", opt={"public": True}, operation_id="getSession", summary="One session")
    async def read(
        self, session_id: FromPath[str], visitor: NamedDependency[Actor | None], now: NamedDependency[datetime]
    ) -> Response[SessionOut]:
        """Answers 404 for what the caller may not see."""
        return _one(session_out(await visible_session(visitor, id_in_path(session_id)), visitor, now))

    @post("/{session_id:str}/publish", status_code=200, operation_id="publishSession", summary="Publish a draft")
    async def publish(
        self,
        request: AnyRequest,
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[PublishIn | None] = None,
    ) -> Response[SessionOut]:
        """By its organiser: it can be booked and ties its providers and venue; 409 `clash` when one is taken.
        `warnings` name what to mind: too little time on the way, too many sessions that week, a day off."""
        session = await commands.publish_session(
            actor,
            now,
            session_id=id_in_path(session_id),
            revision=expected_revision(request),
            override_reason=data.override_reason if data else "",
        )
        return _one(session_out(session, actor, now, await warnings_of_session(session, actor)))


def _state(text: str) -> str:
    """Checked here: the field is called ``state``, which a handler's argument cannot be."""
    states = [one.value for one in SessionState]
    if text and text not in states:
        raise invalid("state", "not-one-of", options=states)
    return text


def _moment(field: str, text: str, *, last: bool) -> datetime | None:
    """A day (its first moment, or the one after it for ``last``) or a moment with zone; the empty text is none."""
    if not text:
        return None
    try:
        if len(text) == len("2015-05-12"):
            day = date.fromisoformat(text)
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day_bounds(day, day)[1 if last else 0]
        else:
            moment = datetime.fromisoformat(text.replace(" ", "+"))
            if moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR:
                return moment
    except ValueError:
        pass
    raise invalid(field, "not-a-moment")


ROUTES = [EventController, ProviderController, VenueController, SessionController]
