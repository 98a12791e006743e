"""What a session is held against before it is stored: asked for all that are stored at once, decided one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from outreach.events.domain.drafts import (
    MenuFacts,
    SessionDraft,
    SessionGiven,
    VenueFacts,
    completed,
    session_problems,
    time_problems,
)
from outreach.events.domain.permissions import may_add_session, may_know_programme
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["Surroundings", "checked", "surroundings_of"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sessions refer to, whoever asks: menu items and venues with whether they are in use, venues with the path
    of whoever keeps them, providers in use with the same, and paths of organisations."""

    menu: Mapping[UUID, tuple[MenuFacts, bool]]
    venues: Mapping[UUID, tuple[VenueFacts, bool, str]]
    providers: Mapping[UUID, str]
    paths: Mapping[UUID, str]


async def surroundings_of(given: Sequence[SessionGiven], owner_id: UUID | None = None) -> Surroundings:
    """What all of these refer to: four statements at most.

    Args:
        owner_id: whose session it is already, where that is to stay.
    """
    organisations = {owner_id, *(one.organisation_id for one in given), *(one.host_id for one in given)}
    organisations |= {id_ for one in given for _part, id_ in one.organisers}
    return Surroundings(
        await _menu({one.event_id for one in given}),
        await _venues({one.venue_id for one in given if one.venue_id is not None}),
        await _providers({id_ for one in given for id_ in one.provider_ids}),
        await _paths({id_ for id_ in organisations if id_ is not None}),
    )


async def _menu(event_ids: set[UUID]) -> dict[UUID, tuple[MenuFacts, bool]]:
    found = await db.rows(
        """SELECT e.id, e.title, e.kind, e.duration_minutes, e.active, p.id AS programme_id, o.path, p.kinds,
                  p.approval_needed, p.confidential
             FROM events_event e JOIN programmes_programme p ON p.id = e.programme
             JOIN accounts_organisation o ON o.id = p.organisation WHERE e.id = ANY($1::uuid[])""",
        list(event_ids),
    )
    return {
        one["id"]: (
            MenuFacts(
                one["title"],
                one["kind"],
                one["duration_minutes"],
                one["programme_id"],
                one["path"],
                tuple(one["kinds"]),
                one["approval_needed"],
                one["confidential"],
            ),
            one["active"],
        )
        for one in found
    }


async def _venues(venue_ids: set[UUID]) -> dict[UUID, tuple[VenueFacts, bool, str]]:
    if not venue_ids:
        return {}
    found = await db.rows(
        """SELECT v.id, v.district, v.capacity, v.setup_minutes, v.takedown_minutes, v.active, o.path
             FROM events_venue v JOIN accounts_organisation o ON o.id = v.organisation WHERE v.id = ANY($1::uuid[])""",
        list(venue_ids),
    )
    return {
        one["id"]: (
            VenueFacts(one["district"], one["capacity"], one["setup_minutes"], one["takedown_minutes"]),
            one["active"],
            one["path"],
        )
        for one in found
    }


async def _providers(provider_ids: set[UUID]) -> dict[UUID, str]:
    if not provider_ids:
        return {}
    found = await db.rows(
        """SELECT r.id, o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.active AND r.id = ANY($1::uuid[])""",
        list(provider_ids),
    )
    return {one["id"]: one["path"] for one in found}


async def _paths(organisation_ids: set[UUID]) -> dict[UUID, str]:
    if not organisation_ids:
        return {}
    found = await db.rows(
        "SELECT id, path FROM accounts_organisation WHERE id = ANY($1::uuid[])", list(organisation_ids)
    )
    return {one["id"]: one["path"] for one in found}


def checked(
    actor: Actor, given: SessionGiven, around: Surroundings, stored: SessionRow | None = None, *, ordered: bool = False
) -> SessionDraft:
    """The whole draft; what was left open comes from the menu, the venue and the programme.

    Args:
        stored: the session as it is; what it refers to already stays allowed.
        ordered: for an order, which is served even when its item was taken off the menu meanwhile.

    Raises:
        InvalidError: names every bad field.
    """
    problems = time_problems(given.starts_at, given.ends_at, given.booking_opens_at, given.booking_closes_at)
    kept = ordered or (stored is not None and stored.event_id == given.event_id)
    menu = _menu_item(actor, given.event_id, around, kept=kept)
    if menu is None:
        problems.append(FieldProblem("event_id", "not-found"))
    elif given.programme_id not in (None, menu.programme_id):
        problems.append(FieldProblem("programme_id", "other-programme"))
    owner_id = _owner(actor, given.organisation_id or (stored.organisation_id if stored else None), menu, around)
    if owner_id is None and menu is not None:
        problems.append(FieldProblem("organisation_id", "not-found"))
    if not _knows_providers(actor, given.provider_ids, stored.provider_ids if stored else (), around):
        problems.append(FieldProblem("provider_ids", "not-found"))
    venue = _venue(actor, given.venue_id, stored, around)
    if given.venue_id is not None and venue is None:
        problems.append(FieldProblem("venue_id", "not-found"))
    if not _knows_host(actor, given.host_id, stored, around):
        problems.append(FieldProblem("host_id", "not-found"))
    # 主办 and 承办 may lie above the caller or beside it; they only have to exist.
    if any(id_ not in around.paths for _part, id_ in given.organisers):
        problems.append(FieldProblem("organisers", "not-found"))
    if problems or menu is None or owner_id is None:
        raise InvalidError(problems)
    draft = completed(_cleaned(given), owner_id, menu, venue)
    problems = session_problems(draft, menu)
    if problems:
        raise InvalidError(problems)
    return draft


def _menu_item(actor: Actor, event_id: UUID, around: Surroundings, *, kept: bool) -> MenuFacts | None:
    """The item; ``None``: unknown to the caller, or off the menu and not ``kept`` from before."""
    found = around.menu.get(event_id)
    if found is None or not may_know_programme(actor, found[0].programme_path):
        return None
    return found[0] if found[1] or kept else None


def _owner(actor: Actor, organisation_id: UUID | None, menu: MenuFacts | None, around: Surroundings) -> UUID | None:
    """The organisation asked for, else the programme's, else the caller's own below it; ``None``: not allowed."""
    if menu is None:
        return None
    if organisation_id is not None:
        path = around.paths.get(organisation_id)
        return organisation_id if path and may_add_session(actor, menu.programme_path, path) else None
    if actor.organises(menu.programme_path):
        return UUID(menu.programme_path.rstrip("/").rsplit("/", 1)[-1])
    below = [path for path in actor.organised_paths if may_add_session(actor, menu.programme_path, path)]
    return UUID(below[0].rstrip("/").rsplit("/", 1)[-1]) if below else None


def _knows_providers(actor: Actor, wanted: Sequence[UUID], kept: Sequence[UUID], around: Surroundings) -> bool:
    return all(id_ in kept or (id_ in around.providers and actor.organises(around.providers[id_])) for id_ in wanted)


def _venue(actor: Actor, venue_id: UUID | None, stored: SessionRow | None, around: Surroundings) -> VenueFacts | None:
    found = around.venues.get(venue_id) if venue_id is not None else None
    if found is None:
        return None
    facts, is_active, path = found
    kept = stored is not None and stored.venue_id == venue_id
    return facts if kept or (is_active and actor.organises(path)) else None


def _knows_host(actor: Actor, host_id: UUID | None, stored: SessionRow | None, around: Surroundings) -> bool:
    if host_id is None or (stored is not None and stored.host_id == host_id):
        return True
    return host_id in around.paths and actor.organises(around.paths[host_id])


def _cleaned(given: SessionGiven) -> SessionGiven:
    return replace(
        given,
        title=clean_line(given.title or "") or None,
        kind=clean_line(given.kind or "") or None,
        address=clean_line(given.address),
        district=None if given.district is None else clean_line(given.district),
        note=given.note.strip(),
    )
