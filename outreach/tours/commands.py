"""Writes of tours: drafts and their stops, the proposed order, the sessions in one go, calling it off."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.records import CONFLICTS as BOOKING_CONFLICTS
from outreach.bookings.session_changes import cancel_session_within
from outreach.events.commands.publishing import publish_within
from outreach.events.commands.sessions import create_within, locked_within
from outreach.events.domain.drafts import SessionGiven
from outreach.events.menu import usable_events
from outreach.events.occupying import CLASH
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.tours.domain.drafts import StopDraft, TourDraft, stop_problems, tour_problems
from outreach.tours.domain.errors import TourStateError, UnplacedStopsError
from outreach.tours.domain.routing import MOST_STOPS, Proposal
from outreach.tours.domain.states import TourState, move
from outreach.tours.proposing import moment_of, proposal_of
from outreach.tours.queries import (
    StopRow,
    TourRow,
    kept_tour,
    known_hosts,
    stop_of,
    stops_of,
    usual_addresses,
)

__all__ = [
    "add_stops",
    "add_tour",
    "cancel_tour",
    "change_stop",
    "change_tour",
    "make_tour",
    "propose_order",
    "remove_stop",
]

_COLUMNS = {
    "event": "event_id",
    "provider": "provider_id",
    **{
        name: name
        for name in (
            "name", "first_on", "last_on", "on_days_off", "day_starts", "day_ends", "break_starts", "break_ends",
            "minutes", "most_per_day", "start_district", "note",
        )
    },
}  # fmt: skip
#: A change of these makes the times of the stops void.
_TIMING = ("first_on", "last_on", "on_days_off", "day_starts", "day_ends", "break_starts", "break_ends", "minutes",
           "most_per_day", "provider_id")  # fmt: skip


async def add_tour(actor: Actor, now: datetime, *, draft: TourDraft) -> UUID:
    """Store a draft without stops; return its id.

    Raises:
        ForbiddenError: the caller organises nothing.
        InvalidError: names every bad field.
    """
    if not actor.is_staff:
        raise ForbiddenError
    async with atomic():
        draft, owner_id = await _checked(actor, draft, None)
        tour_id = new_id()
        values = [getattr(draft, name) for name in _COLUMNS.values()]
        numbers = ", ".join(f"${number}" for number in range(5, 5 + len(values)))
        await db.execute(
            f"""INSERT INTO tours_tour (id, organisation, created_by, created_at, state, revision, cancel_reason,
                       {", ".join(_COLUMNS)})
                VALUES ($1, $2, $3, $4, 'draft', 1, '', {numbers})""",  # noqa: S608 - names of columns
            tour_id,
            owner_id,
            actor.person_id,
            now,
            *values,
        )
        await note_within(actor, now, "tour.drafted", "tour", tour_id, organisation_id=owner_id)
    return tour_id


async def change_tour(
    actor: Actor, now: datetime, *, tour_id: UUID, draft: TourDraft, revision: int | None = None
) -> None:
    """Write a draft anew; where days, hours or the provider change, the stops lose their times.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        TourStateError: its sessions are made, or it was cancelled.
        StaleError: it was changed since.
        InvalidError: names every bad field.
    """
    async with atomic():
        tour = await _locked_draft_within(actor, tour_id, revision)
        draft, _owner = await _checked(actor, draft, tour)
        settings = ", ".join(f"{column} = ${number}" for number, column in enumerate(_COLUMNS, 2))
        await db.execute(
            f"UPDATE tours_tour SET {settings}, revision = revision + 1 WHERE id = $1",  # noqa: S608 - names of columns
            tour_id,
            *(getattr(draft, name) for name in _COLUMNS.values()),
        )
        if any(getattr(draft, name) != getattr(tour.draft, name) for name in _TIMING):
            await db.execute("UPDATE tours_stop SET starts_at = NULL WHERE tour = $1", tour_id)
        await note_within(actor, now, "tour.changed", "tour", tour_id, organisation_id=tour.organisation_id)


async def add_stops(actor: Actor, now: datetime, *, tour_id: UUID, text: str) -> int:
    """Put units down as stops, one a line: name or code, then the address behind a comma, if it is another one.

    Returns:
        how many were added; units that are on the tour already are left out.

    Raises:
        NotFoundError, ForbiddenError, TourStateError: as for ``change_tour``.
        InvalidError: names ``hosts``: lines that are no unit of the caller, or too many.
    """
    lines = [line for line in (_parts_of(one) for one in text.splitlines()) if line[0]]
    if not lines:
        raise invalid("hosts", "required")
    async with atomic():
        tour = await _locked_draft_within(actor, tour_id, None)
        known = await known_hosts(actor, list({name for name, _address in lines}))
        if unknown := list(dict.fromkeys(name for name, _address in lines if name not in known)):
            raise invalid("hosts", "hosts-unknown", names=unknown)
        if several := list(dict.fromkeys(name for name, _address in lines if len(known[name]) > 1)):
            raise invalid("hosts", "hosts-several", names=several)
        stops = await stops_of(tour_id)
        there = {one.host_id for one in stops}
        wanted = {known[name][0]: address for name, address in lines if known[name][0][0] not in there}
        if len(stops) + len(wanted) > MOST_STOPS:
            raise invalid("hosts", "too-many-stops", most=MOST_STOPS)
        usual = await usual_addresses([id_ for id_, _district in wanted], now)
        number = max((one.number for one in stops), default=0)
        for place, ((host_id, district), address) in enumerate(wanted.items(), number + 1):
            known_address, known_district = usual.get(host_id, ("", ""))
            await db.execute(
                """INSERT INTO tours_stop (id, tour, host, number, address, district, needs)
                   VALUES ($1, $2, $3, $4, $5, $6, '')""",
                new_id(),
                tour_id,
                host_id,
                place,
                address or known_address,
                (known_district if known_address and not address else "") or district,
            )
        await _revised_within(actor, now, tour, stops=len(wanted))
    return len(wanted)


async def change_stop(actor: Actor, now: datetime, *, tour_id: UUID, stop_id: UUID, draft: StopDraft) -> None:
    """Write one stop of a draft anew.

    Raises:
        NotFoundError, ForbiddenError, TourStateError: as for ``change_tour``.
        InvalidError: names every bad field.
    """
    async with atomic():
        tour = await _locked_draft_within(actor, tour_id, None)
        stop = await stop_of(tour_id, stop_id)
        if problems := stop_problems(draft, tour.draft):
            raise InvalidError(problems)
        await db.execute(
            """UPDATE tours_stop SET address = $2, district = $3, needs = $4, only_on = $5, earliest = $6, latest = $7,
                      starts_at = $8 WHERE id = $1""",
            stop_id,
            clean_line(draft.address),
            clean_line(draft.district),
            clean_line(draft.needs),
            draft.only_on,
            draft.earliest,
            draft.latest,
            draft.starts_at,
        )
        await _revised_within(actor, now, tour, host=stop.host_name)


async def remove_stop(actor: Actor, now: datetime, *, tour_id: UUID, stop_id: UUID) -> None:
    """Take a unit off a draft.

    Raises:
        NotFoundError, ForbiddenError, TourStateError: as for ``change_tour``.
    """
    async with atomic():
        tour = await _locked_draft_within(actor, tour_id, None)
        stop = await stop_of(tour_id, stop_id)
        await db.execute("DELETE FROM tours_stop WHERE id = $1", stop_id)
        await _revised_within(actor, now, tour, removed=stop.host_name)


async def propose_order(actor: Actor, now: datetime, *, tour_id: UUID) -> Proposal:
    """Give every stop of a draft its time, as near to each other as the ways allow; what does not fit has none.

    Raises:
        NotFoundError, ForbiddenError, TourStateError: as for ``change_tour``.
        UnplacedStopsError: there is no stop.
        StaleError: somebody changed the tour while the order was worked out.
    """
    tour = await kept_tour(actor, tour_id)
    _refuse_all_but_draft(tour)
    stops = sorted(await stops_of(tour_id), key=lambda one: (one.number, str(one.id)))
    if not stops:
        raise UnplacedStopsError(hosts=[])
    found = await proposal_of(tour, stops)
    async with atomic():
        await _locked_draft_within(actor, tour_id, tour.revision)
        times = {one.key: moment_of(one.on, one.starts) for one in found.visits}
        for number, stop in enumerate(stops):
            await db.execute("UPDATE tours_stop SET starts_at = $2 WHERE id = $1", stop.id, times.get(number))
        await _revised_within(actor, now, tour, placed=len(times), way_minutes=found.way)
    return found


async def make_tour(
    actor: Actor,
    now: datetime,
    *,
    tour_id: UUID,
    revision: int | None = None,
    publish: bool = True,
    override_reason: str = "",
) -> list[UUID]:
    """Make the sessions of all stops, all or none; return their ids in the order of time.

    Args:
        publish: also publish them, which ties the provider.
        override_reason: why warnings are set aside.

    Raises:
        NotFoundError, ForbiddenError, TourStateError, StaleError: as for ``change_tour``.
        UnplacedStopsError: some stops have no time.
        ClashError: the provider is taken at one of the times.
        NeedsReasonError: there are warnings and no reason.
        ClosedYearError: a session would lie in a closed year.
        InvalidError: a stop cannot become a session; names it by ``stops.<its id>``.
    """
    async with atomic({**BOOKING_CONFLICTS, **CLASH}):
        tour = await _locked_draft_within(actor, tour_id, revision)
        stops = await stops_of(tour_id)
        if not stops or any(one.starts_at is None for one in stops):
            raise UnplacedStopsError(hosts=[one.host_name for one in stops if one.starts_at is None])
        made = [await _session_within(actor, now, tour, one, publish, override_reason) for one in stops]
        await db.execute(
            "UPDATE tours_tour SET state = $2, made_at = $3, revision = revision + 1 WHERE id = $1",
            tour_id,
            move(tour.state, TourState.MADE).value,
            now,
        )
        await note_within(
            actor, now, "tour.made", "tour", tour_id, organisation_id=tour.organisation_id, from_state=tour.state,
            to_state=TourState.MADE.value, reason=clean_line(override_reason), facts={"sessions": len(made)},
        )  # fmt: skip
    return made


async def _session_within(
    actor: Actor, now: datetime, tour: TourRow, stop: StopRow, publish: bool, override_reason: str
) -> UUID:
    assert stop.starts_at is not None, "the caller looked"
    given = SessionGiven(
        event_id=tour.event_id,
        starts_at=stop.starts_at,
        ends_at=stop.starts_at + timedelta(minutes=tour.minutes),
        organisation_id=tour.organisation_id,
        provider_ids=(tour.provider_id,),
        host_id=stop.host_id,
        address=stop.address or stop.host_name,
        district=stop.district,
        unlimited=True,
        note=stop.needs,
    )
    try:
        session_id = await create_within(actor, now, given=given)
        if publish:
            await publish_within(actor, now, session_id=session_id, override_reason=override_reason, strict=True)
    except InvalidError as error:
        raise InvalidError(
            [
                FieldProblem(f"stops.{stop.id}", one.code, {**one.facts, "host": stop.host_name})
                for one in error.problems
            ]
        ) from None
    await db.execute("UPDATE tours_stop SET session = $2 WHERE id = $1", stop.id, session_id)
    return session_id


async def cancel_tour(actor: Actor, now: datetime, *, tour_id: UUID, reason: str) -> int:
    """Call a tour off: a draft is over, of one that was made all sessions that have not taken place are cancelled.

    Returns:
        how many sessions were cancelled.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        TourStateError: it was cancelled already.
        ClosedYearError: a session has begun, and its year is closed.
    """
    why = clean_line(reason)
    async with atomic({**BOOKING_CONFLICTS, **CLASH}):
        tour = await _locked_within(actor, tour_id, None)
        state = move(tour.state, TourState.CANCELLED)
        cancelled = 0
        for id_ in sorted(one.session_id for one in await stops_of(tour_id) if one.session_id is not None):
            session = await locked_within(actor, id_)
            if session.state in ("draft", "published"):
                await cancel_session_within(actor, now, session=session, by="organiser", reason=why)
                cancelled += 1
        await db.execute(
            """UPDATE tours_tour SET state = $2, cancelled_at = $3, cancel_reason = $4, revision = revision + 1
                WHERE id = $1""",
            tour_id,
            state.value,
            now,
            why,
        )
        await note_within(
            actor, now, "tour.cancelled", "tour", tour_id, organisation_id=tour.organisation_id,
            from_state=tour.state, to_state=state.value, reason=why, facts={"sessions": cancelled},
        )  # fmt: skip
    return cancelled


# --- what they share -------------------------------------------------------------------------------------------------


def _parts_of(line: str) -> tuple[str, str]:
    """Name and address of a line; a comma of either sort, a tab or a semicolon parts them."""
    for mark in ("\t", "，", ",", "；", ";"):
        name, found, address = line.partition(mark)
        if found:
            return clean_line(name), clean_line(address)[:200]
    return clean_line(line), ""


async def _checked(actor: Actor, draft: TourDraft, stored: TourRow | None) -> tuple[TourDraft, UUID]:
    """The draft with its texts cleaned, and whose tour it is: the programme's owner's, else the caller's below it."""
    problems = tour_problems(draft)
    event = next((one for one in await usable_events(actor) if one.id == draft.event_id), None)
    if event is None and (stored is None or stored.event_id != draft.event_id):
        problems.append(FieldProblem("event_id", "not-found"))
    provider = await db.row(
        """SELECT o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.id = $1 AND r.active""",
        draft.provider_id,
    )
    kept = stored is not None and stored.provider_id == draft.provider_id
    if not kept and (provider is None or not actor.organises(provider["path"])):
        problems.append(FieldProblem("provider_id", "not-found"))
    if problems:
        raise InvalidError(problems)
    cleaned = {name: clean_line(getattr(draft, name)) for name in ("name", "start_district")}
    made = TourDraft(
        **{
            **{name: getattr(draft, name) for name in TourDraft.__dataclass_fields__},
            **cleaned,
            "note": draft.note.strip(),
        }
    )
    if stored is not None:
        return made, stored.organisation_id
    assert event is not None, "a new tour has an event that was found"
    return made, _owner_of(actor, event.organisation_id, event.organisation_path)


def _owner_of(actor: Actor, owner_id: UUID, owner_path: str) -> UUID:
    if actor.organises(owner_path):
        return owner_id
    below = next(path for path in actor.organised_paths if path.startswith(owner_path))
    return UUID(below.rstrip("/").rsplit("/", 1)[-1])


async def _locked_within(actor: Actor, tour_id: UUID, revision: int | None) -> TourRow:
    await db.execute("SELECT 1 FROM tours_tour WHERE id = $1 FOR NO KEY UPDATE", tour_id)
    tour = await kept_tour(actor, tour_id)
    if revision is not None and revision != tour.revision:
        raise StaleError(revision=tour.revision)
    return tour


async def _locked_draft_within(actor: Actor, tour_id: UUID, revision: int | None) -> TourRow:
    tour = await _locked_within(actor, tour_id, revision)
    _refuse_all_but_draft(tour)
    return tour


def _refuse_all_but_draft(tour: TourRow) -> None:
    if tour.state != TourState.DRAFT:
        raise TourStateError(state=tour.state)


async def _revised_within(actor: Actor, now: datetime, tour: TourRow, **facts: Any) -> None:
    await db.execute("UPDATE tours_tour SET revision = revision + 1 WHERE id = $1", tour.id)
    await note_within(actor, now, "tour.changed", "tour", tour.id, organisation_id=tour.organisation_id, facts=facts)
