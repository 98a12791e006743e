"""Who acts: a person with roles in parts of the organisation tree. Pure facts that predicates decide on."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

__all__ = ["Actor", "Grant", "Role"]


class Role(StrEnum):
    """What a person may be in an organisation (INTERFACE, Roles)."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    CONTACT = "contact"
    PROVIDER = "provider"
    EVALUATOR = "evaluator"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one organisation; ``path`` is the organisation's place in the tree, ``/id/id/``.

    An administrator's grant has no organisation and the path ``/``, which covers everything.
    """

    role: Role
    organisation_id: UUID | None
    organisation_name: str
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or command.

    ``grants`` are those valid today. ``caller`` names the login or token, for idempotency keys and limits.
    """

    person_id: UUID
    name: str
    grants: tuple[Grant, ...]
    locale: str = "zh_CN"
    caller: str = ""
    login_id: UUID | None = None

    def has(self, role: Role) -> bool:
        """Whether the person holds ``role`` anywhere."""
        return any(grant.role is role for grant in self.grants)

    @property
    def is_administrator(self) -> bool:
        return self.has(Role.ADMINISTRATOR)

    @property
    def is_staff(self) -> bool:
        """Organisers and administrators: they see the desk."""
        return any(grant.role in (Role.ADMINISTRATOR, Role.ORGANISER) for grant in self.grants)

    @property
    def is_contact(self) -> bool:
        return self.has(Role.CONTACT)

    @property
    def is_provider(self) -> bool:
        return self.has(Role.PROVIDER)

    def organises(self, path: str) -> bool:
        """Whether the organisation at ``path`` is one the person runs or lies below one (rule 9)."""
        return any(
            grant.role in (Role.ADMINISTRATOR, Role.ORGANISER) and path.startswith(grant.path) for grant in self.grants
        )

    def evaluates(self, path: str) -> bool:
        """Whether the person reads figures of the organisation at ``path``, as its organiser or evaluator."""
        return self.organises(path) or any(
            grant.role is Role.EVALUATOR and path.startswith(grant.path) for grant in self.grants
        )

    def represents(self, organisation_id: UUID) -> bool:
        """Whether the person is a contact of exactly this organisation."""
        return any(grant.role is Role.CONTACT and grant.organisation_id == organisation_id for grant in self.grants)

    @property
    def organised_paths(self) -> tuple[str, ...]:
        """Roots of the parts of the tree that the person runs."""
        return tuple(g.path for g in self.grants if g.role in (Role.ADMINISTRATOR, Role.ORGANISER))

    @property
    def contact_ids(self) -> tuple[UUID, ...]:
        """Organisations that the person acts for as contact."""
        return tuple(g.organisation_id for g in self.grants if g.role is Role.CONTACT and g.organisation_id is not None)

    @property
    def home(self) -> Grant | None:
        """The grant shown beside the name: staff first, then the order given."""
        order = (Role.ORGANISER, Role.ADMINISTRATOR, Role.CONTACT, Role.PROVIDER, Role.EVALUATOR)
        return min(self.grants, key=lambda grant: order.index(grant.role), default=None)

    @property
    def organisation_name(self) -> str:
        return self.home.organisation_name if self.home else ""
