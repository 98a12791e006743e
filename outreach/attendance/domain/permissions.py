"""Who keeps the list of a session's people, and who reads it. Pure."""

from outreach.events.domain.visibility import SessionFacts, may_manage
from outreach.shared.actors import Actor

__all__ = ["may_keep_list", "may_read_pseudonyms"]


def may_keep_list(actor: Actor | None, facts: SessionFacts) -> bool:
    """Staff who run the session, and the contact of the unit where it takes place: they see names."""
    if actor is None:
        return False
    return may_manage(actor, facts) or (facts.host_id is not None and actor.represents(facts.host_id))


def may_read_pseudonyms(actor: Actor | None, facts: SessionFacts) -> bool:
    """Evaluators of the owner or of an organisation above it: they tell people apart and know nobody."""
    return actor is not None and actor.evaluates(facts.organisation_path)
