"""Who may book, read and decide. Pure; asked by commands, queries and templates alike."""

from dataclasses import dataclass
from uuid import UUID

from outreach.events.domain.visibility import HIDDEN_HOSTS, SessionFacts
from outreach.shared.actors import Actor

__all__ = [
    "BookingFacts",
    "is_meant_for",
    "may_act_for",
    "may_change",
    "may_decide",
    "may_read",
    "may_see_phone",
]


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """What decides who reads and changes a booking."""

    organisation_id: UUID
    organisation_path: str
    session_organisation_path: str


def may_act_for(actor: Actor, organisation_id: UUID, organisation_path: str) -> bool:
    """Book or claim in the name of an organisation: its own contact, or staff who run it.

    A union's contact does not book for its women's committee: that books in its own name, by its own contact.
    """
    return actor.represents(organisation_id) or actor.organises(organisation_path)


def is_meant_for(facts: SessionFacts, organisation_id: UUID, organisation_path: str) -> bool:
    """Whether the session is on offer to this organisation (rules 9 and 10)."""
    if facts.host_id == organisation_id:
        return True
    if facts.visibility == "host" or facts.host_kind in HIDDEN_HOSTS:
        return False
    return facts.visibility == "public" or organisation_path.startswith(facts.organisation_path)


def may_read(actor: Actor, facts: BookingFacts) -> bool:
    """The organisation itself, who runs it, and who runs the session."""
    return may_act_for(actor, facts.organisation_id, facts.organisation_path) or may_decide(actor, facts)


def may_change(actor: Actor, facts: BookingFacts) -> bool:
    """Those who may read it may also cancel or change it; until when differs."""
    return may_read(actor, facts)


def may_decide(actor: Actor, facts: BookingFacts) -> bool:
    """Confirm and decline: who runs the session."""
    return actor.organises(facts.session_organisation_path)


def may_see_phone(actor: Actor, facts: BookingFacts) -> bool:
    """The contact's telephone: the organisation that gave it, and staff of the session, who must call."""
    return actor.represents(facts.organisation_id) or may_decide(actor, facts)
