"""Who may do what with a statistics table (rule 9)."""

from dataclasses import dataclass
from uuid import UUID

from outreach.shared.actors import Actor

__all__ = [
    "TableFacts",
    "may_fill",
    "may_keep_forms",
    "may_open",
    "may_oversee",
    "may_read",
    "may_read_form",
]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Whose table it is, and whose the one above; ``upper_path`` is ``None`` for the one at the top."""

    organisation_id: UUID
    path: str
    upper_path: str | None


def may_read(actor: Actor, table: TableFacts) -> bool:
    """Its own contacts, and who runs or evaluates the organisation."""
    return actor.represents(table.organisation_id) or actor.evaluates(table.path)


def may_fill(actor: Actor, table: TableFacts) -> bool:
    """Type and hand in: its own contacts, and who runs it (also from above, after a telephone call)."""
    return actor.represents(table.organisation_id) or actor.organises(table.path)


def may_oversee(actor: Actor, table: TableFacts) -> bool:
    """Return, lock, correct: who runs the organisation above; for the table at the top who runs its own."""
    return actor.organises(table.upper_path or table.path)


def may_open(actor: Actor, path: str) -> bool:
    """Ask the organisations below for their figures: who runs the organisation."""
    return actor.organises(path)


def may_read_form(actor: Actor, owner_path: str | None) -> bool:
    """A form that came with the program is everybody's; one that was uploaded is for its owner's part of the tree."""
    return owner_path is None or any(grant.path.startswith(owner_path) or grant.path == "/" for grant in actor.grants)


def may_keep_forms(actor: Actor, root_path: str) -> bool:
    """Upload forms: who runs the organisation at the root."""
    return actor.organises(root_path)
