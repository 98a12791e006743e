"""Evidence of a session (佐证材料): its kinds, and who hands it in and reads it. Pure."""

import re

from outreach.attendance.domain.permissions import may_keep_list
from outreach.attendance.rosters.domain.cells import file_name
from outreach.events.domain.visibility import SessionFacts
from outreach.shared.actors import Actor
from outreach.shared.i18n import phrase

__all__ = [
    "EVIDENCE_WORDS",
    "MOST_FILES",
    "NAMELESS_KINDS",
    "kinds_for",
    "may_hand_in",
    "may_read_evidence",
    "shown_name",
]

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


#: A mobile telephone or an identity card; the moments that cameras and WeChat put into names are longer or shorter.
_PERSONAL = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[0-9]{17}[0-9Xx])(?![0-9])")


def shown_name(name: str) -> str:
    """The name of an uploaded file as it is kept: no folders, nothing invisible, nobody's number, 100 characters."""
    return _PERSONAL.sub(lambda found: "*" * 4 + found.group()[-4:], file_name(name))[-100:]


def kinds_for(*, confidential: bool) -> tuple[str, ...]:
    """The kinds that may be handed in."""
    return NAMELESS_KINDS if confidential else tuple(EVIDENCE_WORDS)


def may_hand_in(actor: Actor | None, facts: SessionFacts) -> bool:
    """Staff who run the session, and the contact of the unit where it took place."""
    return may_keep_list(actor, facts)


def may_read_evidence(actor: Actor | None, facts: SessionFacts) -> bool:
    """The same people: faces and signatures are for nobody else, evaluators, providers and strangers included."""
    return may_keep_list(actor, facts)
