"""派单: name providers, time and place. The draft session ties them at once (ADR 0011)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.bookings.orders.domain.permissions import may_assign
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.losing import tell_losers_within
from outreach.bookings.orders.queries import OrderRow, order_by_id
from outreach.bookings.orders.records import (
    CONFLICTS,
    allowed,
    drop_session_within,
    locked_order_within,
    move_order_within,
    note_order_within,
    refuse_dissolved,
    state_error_within,
    tell_people_within,
    tell_units_within,
    tell_within,
)
from outreach.bookings.records import lock_session_within
from outreach.events.commands import (
    create_within,
    lock_resources_within,
    occupy_within,
    refuse_closed_year,
    revise_within,
)
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.visibility import HIDDEN_HOSTS
from outreach.events.occupying import wish_of
from outreach.events.warnings import Warning, facts_of, refuse_without_reason, warnings_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible, local

__all__ = ["assign_order", "substitute_provider", "take_back_order"]

MOST_PROVIDERS = 20


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an order is assigned to; times half-open, rain date of the same length."""

    provider_ids: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime
    address: str
    rain_starts_at: datetime | None

    @property
    def rain_ends_at(self) -> datetime | None:
        return None if self.rain_starts_at is None else self.rain_starts_at + (self.ends_at - self.starts_at)

    def problems(self, now: datetime) -> list[FieldProblem]:
        """What is wrong with it whatever the menu says; the session's own rules come after."""
        out_of_range = [*implausible("ends_at", self.ends_at), *implausible("rain_starts_at", self.rain_starts_at)]
        found = [*_provider_problems(self.provider_ids), *out_of_range]
        if self.starts_at <= now:
            found.append(FieldProblem("starts_at", "start-is-past"))
        if not out_of_range and self.rain_starts_at is not None and self.rain_starts_at < self.ends_at:
            found.append(FieldProblem("rain_starts_at", "rain-date-not-later"))
        return found


def _provider_problems(provider_ids: Sequence[UUID]) -> list[FieldProblem]:
    if not provider_ids:
        return [FieldProblem("provider_ids", "required")]
    if len(provider_ids) > MOST_PROVIDERS:
        return [FieldProblem("provider_ids", "too-many-joined", {"most": MOST_PROVIDERS})]
    return []


async def assign_order(
    actor: Actor,
    now: datetime,
    *,
    order_id: UUID,
    provider_ids: Sequence[UUID],
    starts_at: datetime,
    ends_at: datetime | None = None,
    address: str = "",
    rain_starts_at: datetime | None = None,
    override_reason: str = "",
    reason: str = "",
    revision: int | None = None,
) -> OrderRow:
    """Draft the session of an approved order and tie its providers, who are asked to answer by ``answer_by``.

    An order that is assigned or scheduled already is assigned anew only with a ``reason``: the old session is
    cancelled, and its people are told. Without one the caller has come second.

    Args:
        ends_at: ``None``: as long as the event takes.
        address: empty: the one in the order.
        rain_starts_at: the rain date, tied as well; of the same length.
        override_reason: why warnings are set aside; kept with the session and in the journal.
        revision: of the order that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to assign.
        OrderStateError: it is not approved, or somebody was faster; tells who.
        StaleError: it was changed since.
        NeedsReasonError: there are warnings and no ``override_reason``.
        ClosedYearError: the year is closed.
        ClashError: somebody was faster with a provider at that time; nothing was changed.
        InvalidError: names every bad field.
    """
    why, override = clean_line(reason), clean_line(override_reason)
    async with atomic(CONFLICTS):
        order = await locked_order_within(actor, order_id, revision=revision)
        allowed(may_assign(actor, order.facts))
        if order.state in (OrderState.ASSIGNED, OrderState.SCHEDULED) and why and order.session_id is not None:
            # Those who are freed and those who are tied at once: two orders may exchange their lecturers.
            await lock_session_within(order.session_id)
            await lock_resources_within(order.session_id, provider_ids)
            order = await _give_back_within(actor, now, order, why, "order.taken_back")
        elif order.state != OrderState.APPROVED:
            raise await state_error_within(actor, order, OrderState.ASSIGNED)
        plan = _Plan(
            tuple(dict.fromkeys(provider_ids)),
            starts_at,
            ends_at if ends_at is not None else starts_at + timedelta(minutes=order.duration_minutes),
            clean_line(address) or order.address,
            rain_starts_at,
        )
        if problems := plan.problems(now):
            raise InvalidError(problems)
        await refuse_dissolved(order, now)
        await refuse_closed_year(order.programme_id, plan.starts_at)
        session_id = await _draft_within(actor, now, order, plan, override)
        warnings = await _tie_within(actor, order, session_id, override)
        after = await move_order_within(
            actor,
            now,
            order,
            OrderState.ASSIGNED,
            reason="",
            facts={
                "starts_at": local(plan.starts_at).isoformat(),
                "providers": await _names(plan.provider_ids),
                "override_reason": override,
                "warnings": facts_of(warnings),
            },
            session=session_id,
            assignment=order.assignment + 1,
            answer_by=_answer_by(order, now, plan.starts_at),
            assigned_at=now,
        )
        await _ask_within(now, after)
        await tell_losers_within(now, after)
    return after


async def _draft_within(actor: Actor, now: datetime, order: OrderRow, plan: _Plan, override: str) -> UUID:
    """The draft session, seen by those concerned unless the unit agrees to be seen (rule 10)."""
    organisers = _organisers(order)
    is_public = order.agrees_public and not await _hides(id_ for _part, id_ in organisers)
    given = SessionGiven(
        event_id=order.event_id,
        organisation_id=order.owner_id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        provider_ids=plan.provider_ids,
        host_id=order.organisation_id,
        address=plan.address,
        district=order.district,
        capacity=order.audience,
        visibility="public" if is_public else "host",
        approval_needed=False,
        organisers=organisers,
    )
    session_id = await create_within(actor, now, given=given, ordered=True)
    await db.execute(
        """UPDATE events_session SET assigned = true, override_reason = $2, rain_starts_at = $3, rain_ends_at = $4
            WHERE id = $1""",
        session_id,
        override,
        plan.rain_starts_at,
        plan.rain_ends_at,
    )
    return session_id


async def _hides(organisation_ids: Iterable[UUID]) -> bool:
    """Whether one of them never appears outside: the session names them all."""
    return bool(
        await db.value(
            "SELECT EXISTS (SELECT 1 FROM accounts_organisation WHERE id = ANY($1::uuid[]) AND kind = ANY($2::text[]))",
            list(organisation_ids),
            list(HIDDEN_HOSTS),
        )
    )


def _organisers(order: OrderRow) -> tuple[tuple[str, UUID], ...]:
    """主办 the programme's owner unless others are named, 承办 the unit, 协办 who joins; and all that are named."""
    named = list(order.organisers)
    if not any(part == "host" for part, _id in named):
        named.insert(0, ("host", order.owner_id))
    named.append(("organiser", order.organisation_id))
    named += [("support", id_) for id_ in order.joined_ids]
    return tuple(dict.fromkeys(named))


async def _tie_within(actor: Actor, order: OrderRow, session_id: UUID, override: str) -> list[Warning]:
    """Occupy, then weigh what is no block; return the warnings that were set aside."""
    await occupy_within(actor, session_id)
    warnings = await warnings_of(
        await wish_of(session_id),
        district=order.district,
        event_id=order.event_id,
        audience=order.audience,
        site_lacks=order.site_lacks,
        actor=actor,
    )
    refuse_without_reason(warnings, override)
    return warnings


def _answer_by(order: OrderRow, now: datetime, starts_at: datetime) -> datetime:
    return min(now + timedelta(hours=order.answer_hours), starts_at)


async def _ask_within(now: datetime, order: OrderRow) -> None:
    """Ask those assigned; the organiser is told in any case, since many have a telephone only."""
    until = local(order.answer_by).isoformat() if order.answer_by is not None else ""
    await tell_people_within("order-asked", now, order, until=until)
    names = list(order.provider_names)
    await tell_within("order-assigned", now, order, organisations=(order.owner_id,), until=until, providers=names)


async def _names(provider_ids: Sequence[UUID]) -> list[str]:
    found = await db.rows(
        "SELECT name FROM events_provider WHERE id = ANY($1::uuid[]) ORDER BY name, id", list(provider_ids)
    )
    return [one["name"] for one in found]


async def _give_back_within(actor: Actor, now: datetime, order: OrderRow, reason: str, action: str) -> OrderRow:
    """Cancel the session of an order, which is approved again; its units are told when they lose a date."""
    await drop_session_within(actor, now, order, by="organiser", reason=reason)
    if order.state == OrderState.SCHEDULED:
        await tell_units_within("order-returned", now, order, reason=reason)
    return await move_order_within(
        actor, now, order, OrderState.APPROVED, action=action, reason=reason, session=None, answer_by=None
    )


async def take_back_order(actor: Actor, now: datetime, *, order_id: UUID, reason: str) -> OrderRow:
    """Take an assignment back before its answer: the draft is cancelled, the order approved again.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to assign.
        OrderStateError: it is not assigned, or the answer was faster.
    """
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_assign(actor, order.facts))
        if order.state != OrderState.ASSIGNED:
            raise await state_error_within(actor, order, OrderState.APPROVED)
        return await _give_back_within(actor, now, order, clean_line(reason), "order.taken_back")


async def substitute_provider(
    actor: Actor,
    now: datetime,
    *,
    order_id: UUID,
    provider_ids: Sequence[UUID],
    reason: str,
    override_reason: str = "",
) -> OrderRow:
    """Send others (换讲师) at the same time. A published session keeps its identity; both and the units are told.

    Those who come already are no others: nothing happens.

    Those of a scheduled order have agreed on the telephone; those of an assigned one are asked like the first ones.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to assign.
        OrderStateError: it has no session to come.
        NeedsReasonError: there are warnings and no ``override_reason``.
        ClashError: somebody of them is taken at that time; nothing was changed.
        InvalidError: names every bad field.
    """
    why, override = clean_line(reason), clean_line(override_reason)
    wanted = tuple(dict.fromkeys(provider_ids))
    async with atomic(CONFLICTS):
        order = await locked_order_within(actor, order_id)
        allowed(may_assign(actor, order.facts))
        if order.state not in (OrderState.ASSIGNED, OrderState.SCHEDULED) or order.session_id is None:
            raise await state_error_within(actor, order, OrderState(order.state))
        problems = _provider_problems(wanted) or await _unknown(actor, wanted, order.provider_ids)
        if problems:
            raise InvalidError(problems)
        if not why:
            raise invalid("reason", "reason-needed")
        if wanted == order.provider_ids:  # a second click asks nobody twice
            return order
        await lock_session_within(order.session_id)
        await _replace_within(order.session_id, wanted)
        if override:
            await db.execute("UPDATE events_session SET override_reason = $2 WHERE id = $1", order.session_id, override)
        warnings = await _tie_within(actor, order, order.session_id, override)
        await revise_within(order.session_id, now)
        await _renew_within(now, order)
        after = await order_by_id(order.id)
        await note_order_within(
            actor,
            now,
            "order.substituted",
            after,
            reason=why,
            facts={
                "from": list(order.provider_names),
                "to": list(after.provider_names),
                "override_reason": override,
                "warnings": facts_of(warnings),
            },
        )
        await _tell_substituted_within(now, order, after, why)
        await tell_losers_within(now, after)
    return after


async def _unknown(actor: Actor, wanted: Sequence[UUID], kept: Sequence[UUID]) -> list[FieldProblem]:
    found = await db.rows(
        """SELECT r.id, o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.active AND r.id = ANY($1::uuid[])""",
        list(wanted),
    )
    known = {one["id"] for one in found if actor.organises(one["path"])} | set(kept)
    return [] if known.issuperset(wanted) else [FieldProblem("provider_ids", "not-found")]


async def _replace_within(session_id: UUID, wanted: Sequence[UUID]) -> None:
    await db.execute("DELETE FROM events_session_provider WHERE session = $1", session_id)
    await db.execute(
        """INSERT INTO events_session_provider (id, session, provider, position)
           SELECT id, $1, provider, position
             FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS given (id, provider, position)""",
        session_id,
        [new_id() for _one in wanted],
        list(wanted),
        list(range(1, len(wanted) + 1)),
    )


async def _renew_within(now: datetime, order: OrderRow) -> None:
    """A new assignment voids every older link; who is asked anew has as long to answer as the first ones had."""
    answer_by = order.answer_by
    if order.state == OrderState.ASSIGNED and order.session_starts_at is not None:
        answer_by = _answer_by(order, now, order.session_starts_at)
    await db.execute(
        """UPDATE bookings_order SET assignment = assignment + 1, answer_by = $2, changed_at = $3,
                  revision = revision + 1 WHERE id = $1""",
        order.id,
        answer_by,
        now,
    )


async def _tell_substituted_within(now: datetime, before: OrderRow, after: OrderRow, reason: str) -> None:
    facts: dict[str, Any] = {"reason": reason, "providers": list(after.provider_names)}
    old, new = set(before.facts.provider_person_ids), set(after.facts.provider_person_ids)
    if after.state == OrderState.ASSIGNED:
        await tell_within("order-taken-back", now, before, people=sorted(old - new), reason=reason)
        await _ask_within(now, after)
        return
    await tell_within("session-taken-over", now, before, people=sorted(old - new), **facts)
    await tell_within("order-scheduled", now, after, people=sorted(new - old), **facts)
    await tell_units_within("session-taken-over", now, after, **facts)
