"""Who may read an order and what they may do with it. Pure; asked by commands, queries and templates alike."""

from dataclasses import dataclass
from uuid import UUID

from outreach.bookings.domain.permissions import may_act_for
from outreach.bookings.orders.domain.states import OrderState
from outreach.shared.actors import Actor, Role

__all__ = [
    "LEAVABLE",
    "OrderFacts",
    "gives",
    "may_answer",
    "may_approve",
    "may_assign",
    "may_change",
    "may_decline",
    "may_endorse",
    "may_read",
    "may_review",
    "may_see_phone",
    "possible_actions",
    "units_to_leave",
]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What decides who reads and moves an order.

    Attributes:
        organisation_path: of the unit that orders.
        owner_path: of the organisation whose programme it is.
        joined_ids: units that join the order.
        provider_person_ids: of those who are assigned now.
        two_step: the unit's parent organisation endorses before the owner approves.
    """

    state: str
    organisation_id: UUID
    organisation_path: str
    owner_path: str
    joined_ids: tuple[UUID, ...] = ()
    provider_person_ids: tuple[UUID, ...] = ()
    two_step: bool = False


def gives(actor: Actor, facts: OrderFacts) -> bool:
    """Whether the actor is one of those who are assigned now."""
    return actor.has(Role.PROVIDER) and actor.person_id in facts.provider_person_ids


def may_read(actor: Actor, facts: OrderFacts) -> bool:
    """The unit, those who join, who runs the unit, who runs the programme, and those assigned."""
    return (
        may_change(actor, facts)
        or may_approve(actor, facts)
        or any(actor.represents(id_) for id_ in facts.joined_ids)
        or gives(actor, facts)
    )


def may_change(actor: Actor, facts: OrderFacts) -> bool:
    """Change, withdraw: the unit's own contact, or staff who run the unit."""
    return may_act_for(actor, facts.organisation_id, facts.organisation_path)


def may_endorse(actor: Actor, facts: OrderFacts) -> bool:
    """Who runs the unit's parent organisation: nobody endorses what only the unit itself asks for."""
    above = facts.organisation_path.rstrip("/").rpartition("/")[0] + "/"
    return actor.organises(above if above != "/" else facts.organisation_path)


def may_approve(actor: Actor, facts: OrderFacts) -> bool:
    """Approve, take back, substitute: who runs the programme."""
    return actor.organises(facts.owner_path)


def may_assign(actor: Actor, facts: OrderFacts) -> bool:
    """Name providers and time, and say what they answered on the telephone."""
    return may_approve(actor, facts)


def may_decline(actor: Actor, facts: OrderFacts) -> bool:
    """Who may approve; and who is asked to endorse, while it is at that step."""
    asked = facts.two_step and facts.state == OrderState.SUBMITTED and may_endorse(actor, facts)
    return asked or may_approve(actor, facts)


def may_answer(actor: Actor, facts: OrderFacts) -> bool:
    """Accept or decline an assignment: those assigned, and staff who called them."""
    return gives(actor, facts) or may_assign(actor, facts)


def may_review(actor: Actor, facts: OrderFacts) -> bool:
    """The unit itself: nobody says in its name how it was."""
    return actor.represents(facts.organisation_id)


def units_to_leave(actor: Actor, facts: OrderFacts) -> tuple[UUID, ...]:
    """The joined units whose contact the actor is; who runs one of them may take it out as well, by its id."""
    return tuple(id_ for id_ in facts.joined_ids if actor.represents(id_))


def may_see_phone(actor: Actor, facts: OrderFacts) -> bool:
    """The contact's telephone: the unit that gave it, staff who must call, and those who will come to the site."""
    return (
        actor.represents(facts.organisation_id)
        or may_approve(actor, facts)
        or may_endorse(actor, facts)
        or (gives(actor, facts) and facts.state in _DISPATCHED)
    )


_UNDECIDED = (OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED)
_DISPATCHED = (OrderState.ASSIGNED, OrderState.SCHEDULED)
#: A unit that joined may still go; once the session has begun it may not, whatever the state.
LEAVABLE = (*_UNDECIDED, *_DISPATCHED)


def possible_actions(actor: Actor, facts: OrderFacts) -> frozenset[str]:
    """What the actor may do with the order in its present state, for buttons; commands check again.

    Names: change, withdraw, leave, endorse, approve, decline, assign, answer, take_back, substitute, review.
    """
    first_step = facts.state == OrderState.SUBMITTED and facts.two_step
    unapproved = facts.state in (OrderState.SUBMITTED, OrderState.ENDORSED)
    checks = {
        "change": facts.state in _UNDECIDED and may_change(actor, facts),
        "withdraw": facts.state in (*_UNDECIDED, *_DISPATCHED) and may_change(actor, facts),
        "leave": facts.state in LEAVABLE and bool(units_to_leave(actor, facts)),
        "endorse": first_step and may_endorse(actor, facts),
        "approve": unapproved and not first_step and may_approve(actor, facts),
        "decline": facts.state in _UNDECIDED and may_decline(actor, facts),
        "assign": facts.state in (OrderState.APPROVED, *_DISPATCHED) and may_assign(actor, facts),
        "answer": facts.state == OrderState.ASSIGNED and may_answer(actor, facts),
        "take_back": facts.state == OrderState.ASSIGNED and may_assign(actor, facts),
        "substitute": facts.state in _DISPATCHED and may_assign(actor, facts),
        "review": facts.state == OrderState.FULFILLED and may_review(actor, facts),
    }
    return frozenset(name for name, possible in checks.items() if possible)
