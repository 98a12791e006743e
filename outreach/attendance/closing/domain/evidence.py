"""Evidence of a session (佐证材料): its kinds, and who hands it in and reads it. Pure."""

from outreach.attendance.domain.permissions import may_keep_list
from outreach.events.domain.visibility import SessionFacts
from outreach.shared.actors import Actor
from outreach.shared.i18n import phrase

__all__ = ["EVIDENCE_WORDS", "MOST_FILES", "NAMELESS_KINDS", "kinds_for", "may_hand_in", "may_read_evidence"]

EVIDENCE_WORDS: dict[str, str] = {
    "photo": phrase("现场照片"),
    "sheet": phrase("签到表"),
    "receipt": phrase("回执表"),
    "other": phrase("其他材料"),
}
#: What a confidential programme may keep: nobody's face and nobody's name.
NAMELESS_KINDS = ("receipt", "other")
#: Standing files of one session; a package for the archive must stay one that a person can look through.
MOST_FILES = 60


def kinds_for(*, confidential: bool) -> tuple[str, ...]:
    """The kinds that may be handed in."""
    return NAMELESS_KINDS if confidential else tuple(EVIDENCE_WORDS)


def may_hand_in(actor: Actor | None, facts: SessionFacts) -> bool:
    """Staff who run the session, and the contact of the unit where it took place."""
    return may_keep_list(actor, facts)


def may_read_evidence(actor: Actor | None, facts: SessionFacts) -> bool:
    """The same people: faces and signatures are for nobody else, evaluators, providers and strangers included."""
    return may_keep_list(actor, facts)
