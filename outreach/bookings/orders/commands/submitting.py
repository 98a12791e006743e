"""点单: a unit orders an event to its own site, and changes what it said while there is no date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.admission import admit_within
from outreach.bookings.domain.permissions import may_act_for
from outreach.bookings.orders.domain.drafts import (
    MenuItem,
    OrderDraft,
    Window,
    audience_problems,
    cleaned,
    draft_problems,
    offer_problems,
    window_problems,
)
from outreach.bookings.orders.domain.permissions import may_change
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow, draft_of, order_by_id, readable_order
from outreach.bookings.orders.records import (
    allowed,
    locked_order_within,
    note_order_within,
    state_error_within,
    tell_within,
)
from outreach.events.domain.parts import usual_start
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.time import local_day

__all__ = ["change_order", "submit_order"]

#: Fields of ``OrderDraft`` that may change later; what and for whom may not.
CHANGEABLE = frozenset(OrderDraft.__dataclass_fields__) - {"event_id", "organisation_id"}


@dataclass(frozen=True, slots=True)
class _Offer:
    """What is ordered, by whom, and who answers for it."""

    item: MenuItem
    programme_id: UUID
    owner_path: str
    unit_district: str


async def submit_order(actor: Actor, now: datetime, *, draft: OrderDraft, form_key: UUID | None = None) -> OrderRow:
    """Order an event for a unit; the same ``form_key`` again returns the order that it made.

    Raises:
        NotFoundError: the unit is not the caller's, or its organisations above do not offer the event (``field``).
        BookingClosedError, QuotaUsedError, LimitReachedError: see ``admit_within``.
        InvalidError: names every bad field.
    """
    draft = cleaned(draft)
    async with atomic():
        if form_key is not None:
            # Sent twice at the same moment, the second waits here for what the first has made.
            await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(form_key))
            made = await _made_by_form(actor, form_key)
            if made is not None:
                return made
        offer = await _offer_within(actor, now, draft)
        lead_days = 0 if actor.organises(offer.owner_path) else offer.item.lead_days
        problems = _problems(draft, offer) + window_problems(draft.windows, now, lead_days=lead_days)
        problems += await _unknown_units(draft, offer.owner_path, now)
        if problems:
            raise InvalidError(problems)
        opening_id = await _admit_within(now, draft, offer)
        order_id = await _insert_within(actor, now, draft, offer, opening_id, form_key)
        order = await order_by_id(order_id)
        await note_order_within(
            actor,
            now,
            "order.submitted",
            order,
            to_state=order.state,
            facts={"audience": order.audience, "windows": _said(order.windows)},
        )
        await tell_within("order-submitted", now, order, organisations=(await _decider_within(order),))
        await tell_within("order-joined", now, order, organisations=order.joined_ids)
    return order


async def _decider_within(order: OrderRow) -> UUID:
    """Whom the order waits for: the unit's parent where it endorses first, else the programme's owner."""
    if not order.two_step:
        return order.owner_id
    above = await db.value("SELECT parent FROM accounts_organisation WHERE id = $1", order.organisation_id)
    return above or order.owner_id


async def _made_by_form(actor: Actor, form_key: UUID) -> OrderRow | None:
    order_id = await db.value("SELECT id FROM bookings_order WHERE form_key = $1", form_key)
    if order_id is None:
        return None
    order = await order_by_id(order_id)
    if order.created_by != actor.person_id:
        raise invalid("form_key", "form-used")
    return order


async def _offer_within(actor: Actor, now: datetime, draft: OrderDraft) -> _Offer:
    """The item for the unit, after all questions of permission (rule 9).

    Raises:
        NotFoundError: names ``organisation_id`` or ``event_id``.
        InvalidError: the unit is dissolved.
    """
    unit = await db.row(
        "SELECT path, closed_on, district FROM accounts_organisation WHERE id = $1", draft.organisation_id
    )
    if unit is None or not may_act_for(actor, draft.organisation_id, unit["path"]):
        raise NotFoundError(field="organisation_id")
    found = await db.row(
        """SELECT e.title, e.active, e.orderable, p.scheduled, p.confidential, e.min_audience, e.max_audience,
                  e.lead_days, p.id AS programme_id, o.path
             FROM events_event e JOIN programmes_programme p ON p.id = e.programme
             JOIN accounts_organisation o ON o.id = p.organisation WHERE e.id = $1""",
        draft.event_id,
    )
    if found is None or not unit["path"].startswith(found["path"]):
        raise NotFoundError(field="event_id")
    if unit["closed_on"] is not None and unit["closed_on"] <= local_day(now):
        raise invalid("organisation_id", "organisation-dissolved")
    item = MenuItem(**{name: found[name] for name in MenuItem.__dataclass_fields__})
    return _Offer(item, found["programme_id"], found["path"], unit["district"])


def _problems(draft: OrderDraft, offer: _Offer) -> list[FieldProblem]:
    return [*offer_problems(offer.item), *draft_problems(draft), *audience_problems(draft.audience, offer.item)]


async def _unknown_units(draft: OrderDraft, owner_path: str, now: datetime) -> list[FieldProblem]:
    """Units that join must lie below the programme's owner; organisers named may also stand above it."""
    wanted = {*draft.joined_by, *(id_ for _part, id_ in draft.organisers)}
    if not wanted:
        return []
    found = await db.rows(
        "SELECT id, path, closed_on FROM accounts_organisation WHERE id = ANY($1::uuid[])", list(wanted)
    )
    known = {one["id"]: one for one in found}
    problems: list[FieldProblem] = []
    for number, id_ in enumerate(draft.joined_by):
        unit = known.get(id_)
        if unit is None or not unit["path"].startswith(owner_path):
            problems.append(FieldProblem(f"joined_by.{number}", "not-found"))
        elif unit["closed_on"] is not None and unit["closed_on"] <= local_day(now):
            problems.append(FieldProblem(f"joined_by.{number}", "organisation-dissolved"))
    for number, (_part, id_) in enumerate(draft.organisers):
        path = known[id_]["path"] if id_ in known else ""
        if not path or not (path.startswith(owner_path) or owner_path.startswith(path)):
            problems.append(FieldProblem(f"organisers.{number}.organisation_id", "not-found"))
    return problems


async def _admit_within(now: datetime, draft: OrderDraft, offer: _Offer, but: UUID | None = None) -> UUID | None:
    first = min(draft.windows, key=lambda one: usual_start(one.on, one.part))
    return await admit_within(
        now,
        organisation_id=draft.organisation_id,
        programme_id=offer.programme_id,
        at=usual_start(first.on, first.part),
        event_id=draft.event_id,
        joined_by=draft.joined_by,
        but=but,
    )


async def _insert_within(
    actor: Actor, now: datetime, draft: OrderDraft, offer: _Offer, opening_id: UUID | None, form_key: UUID | None
) -> UUID:
    order_id = new_id()
    days = [window.on for window in draft.windows]
    await db.execute(
        """INSERT INTO bookings_order (id, event, organisation, state, audience, address, district, site_lacks,
                  contact_name, contact_phone, note, agrees_public, opening, assignment, reason, first_on, last_on,
                  submitted_at, changed_at, created_by, form_key, revision)
           VALUES ($1, $2, $3, 'submitted', $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '', $13, $14, $15, $15, $16, $17,
                   1)""",
        order_id,
        draft.event_id,
        draft.organisation_id,
        draft.audience,
        draft.address,
        draft.district or offer.unit_district,
        draft.site_lacks,
        draft.contact_name,
        draft.contact_phone,
        draft.note,
        draft.agrees_public,
        opening_id,
        min(days),
        max(days),
        now,
        actor.person_id,
        form_key,
    )
    await _write_lists(order_id, draft)
    return order_id


async def _write_lists(order_id: UUID, draft: OrderDraft) -> None:
    """Windows, joined units and organisers of an order that has none."""
    await db.execute(
        """INSERT INTO bookings_order_window (id, order_id, position, "on", part)
           SELECT id, $1, position, day, part
             FROM unnest($2::uuid[], $3::int[], $4::date[], $5::text[]) AS given (id, position, day, part)""",
        order_id,
        [new_id() for _window in draft.windows],
        list(range(1, len(draft.windows) + 1)),
        [window.on for window in draft.windows],
        [window.part.value for window in draft.windows],
    )
    await db.execute(
        """INSERT INTO bookings_order_unit (id, order_id, organisation)
           SELECT id, $1, unit FROM unnest($2::uuid[], $3::uuid[]) AS given (id, unit)""",
        order_id,
        [new_id() for _unit in draft.joined_by],
        list(draft.joined_by),
    )
    await db.execute(
        """INSERT INTO bookings_order_organiser (id, order_id, organisation, part)
           SELECT id, $1, organisation, part
             FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS given (id, organisation, part)""",
        order_id,
        [new_id() for _pair in draft.organisers],
        [id_ for _part, id_ in draft.organisers],
        [part for part, _id in draft.organisers],
    )


def _said(windows: Sequence[Window]) -> list[str]:
    return [f"{window.on.isoformat()} {window.part.value}" for window in windows]


async def change_order(
    actor: Actor, now: datetime, *, order_id: UUID, changes: Mapping[str, Any], revision: int | None = None
) -> OrderRow:
    """Change what the unit said, while the order is submitted, endorsed or approved; what is left out stays.

    Args:
        changes: fields of ``OrderDraft`` but for event and unit.
        revision: the one that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        OrderStateError: it is assigned already, or ended.
        StaleError: it was changed since.
        BookingClosedError, QuotaUsedError, LimitReachedError: units were added, or the year is another one.
        InvalidError: names every bad field.
    """
    if not changes.keys() <= CHANGEABLE:
        raise ValueError(f"not to be changed: {changes.keys() - CHANGEABLE}")
    async with atomic():
        before = await readable_order(actor, order_id)
        allowed(may_change(actor, before.facts))
        old = draft_of(before)
        new = cleaned(replace(old, **changes))
        offer = await _offer_within(actor, now, new)
        await _check_change(actor, now, old, new, offer)
        opening_id = before.opening_id
        # Limits come before the order's lock; see the module of its records.
        if set(new.joined_by) - set(old.joined_by) or _year(new) != _year(old):
            opening_id = await _admit_within(now, new, offer, but=order_id)
        order = await locked_order_within(actor, order_id, revision=revision)
        if order.revision != before.revision:
            raise StaleError(revision=order.revision)
        if order.state not in (OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED):
            raise await state_error_within(actor, order, OrderState(order.state))
        changed = sorted(name for name in CHANGEABLE if getattr(old, name) != getattr(new, name))
        if not changed:
            return order
        await _update_within(now, order_id, new, opening_id)
        after = await order_by_id(order_id)
        await note_order_within(actor, now, "order.changed", after, facts={"fields": changed})
        await tell_within("order-joined", now, after, organisations=set(new.joined_by) - set(old.joined_by))
        if order.state != OrderState.SUBMITTED:
            await tell_within("order-changed", now, after, organisations=(after.owner_id,))
    return after


def _year(draft: OrderDraft) -> int:
    return min(window.on for window in draft.windows).year if draft.windows else 0


async def _check_change(actor: Actor, now: datetime, old: OrderDraft, new: OrderDraft, offer: _Offer) -> None:
    """Held against every rule; an item that was taken off the menu meanwhile does not hinder its open orders."""
    problems = draft_problems(new) + audience_problems(new.audience, offer.item)
    if new.windows != old.windows:
        lead_days = 0 if actor.organises(offer.owner_path) else offer.item.lead_days
        problems += window_problems(new.windows, now, lead_days=lead_days, kept=old.windows)
    problems += await _unknown_units(new, offer.owner_path, now)
    if problems:
        raise InvalidError(problems)


async def _update_within(now: datetime, order_id: UUID, new: OrderDraft, opening_id: UUID | None) -> None:
    days = [window.on for window in new.windows]
    await db.execute(
        """UPDATE bookings_order SET audience = $2, address = $3, district = $4, site_lacks = $5, contact_name = $6,
                  contact_phone = $7, note = $8, agrees_public = $9, opening = $10, first_on = $11, last_on = $12,
                  changed_at = $13, revision = revision + 1 WHERE id = $1""",
        order_id,
        new.audience,
        new.address,
        new.district,
        new.site_lacks,
        new.contact_name,
        new.contact_phone,
        new.note,
        new.agrees_public,
        opening_id,
        min(days),
        max(days),
        now,
    )
    for table in ("bookings_order_window", "bookings_order_unit", "bookings_order_organiser"):
        await db.execute(f"DELETE FROM {table} WHERE order_id = $1", order_id)  # noqa: S608 - names above
    await _write_lists(order_id, new)
