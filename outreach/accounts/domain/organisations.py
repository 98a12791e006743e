"""The union tree: kinds of organisations, and what may stand below what."""

from enum import StrEnum
from uuid import UUID

from outreach.shared.errors import invalid
from outreach.shared.i18n import phrase

__all__ = [
    "KIND_NAMES",
    "OWNERSHIP_NAMES",
    "OrganisationKind",
    "Ownership",
    "ancestor_ids",
    "check_move",
    "check_place",
    "depth_of",
    "path_below",
]


class OrganisationKind(StrEnum):
    """What an organisation is."""

    FEDERATION = "federation"
    JOINT_UNION = "joint_union"
    WORK_COMMITTEE = "work_committee"
    INDUSTRY_UNION = "industry_union"
    COMPANY_UNION = "company_union"
    DIRECT_UNIT = "direct_unit"
    TOWNSHIP_UNION = "township_union"
    GRASSROOTS_UNION = "grassroots_union"
    WOMENS_COMMITTEE = "womens_committee"
    CULTURE_PALACE = "culture_palace"
    GUEST = "guest"


#: Names as the unions write them; Chinese, to be translated when said.
KIND_NAMES: dict[OrganisationKind, str] = {
    OrganisationKind.FEDERATION: phrase("总工会"),
    OrganisationKind.JOINT_UNION: phrase("工联会"),
    OrganisationKind.WORK_COMMITTEE: phrase("工会工作委员会"),
    OrganisationKind.INDUSTRY_UNION: phrase("产业工会"),
    OrganisationKind.COMPANY_UNION: phrase("局（公司）工会"),
    OrganisationKind.DIRECT_UNIT: phrase("直属单位工会"),
    OrganisationKind.TOWNSHIP_UNION: phrase("乡镇街道工会"),
    OrganisationKind.GRASSROOTS_UNION: phrase("基层工会"),
    OrganisationKind.WOMENS_COMMITTEE: phrase("女职工委员会"),
    OrganisationKind.CULTURE_PALACE: phrase("工人文化宫"),
    OrganisationKind.GUEST: phrase("其他服务对象"),
}


class Ownership(StrEnum):
    """Who owns the enterprise of a grassroots union."""

    UNKNOWN = ""
    PUBLIC = "public"
    NON_PUBLIC = "non_public"


OWNERSHIP_NAMES: dict[Ownership, str] = {
    Ownership.UNKNOWN: phrase("未填"),
    Ownership.PUBLIC: phrase("公有"),
    Ownership.NON_PUBLIC: phrase("非公有"),
}

#: They never stand alone, and nothing stands below them.
_DEPENDENT = frozenset({OrganisationKind.WOMENS_COMMITTEE, OrganisationKind.GUEST})
_NO_UNION = frozenset({OrganisationKind.CULTURE_PALACE})


def check_place(kind: OrganisationKind, parent_kind: OrganisationKind | None, *, has_below: bool = False) -> None:
    """Refuse a place in the tree that the unions do not know.

    A women's committee stands below a union, a guest below the organisation that sponsors it, and neither has
    anything below itself. ``parent_kind`` is ``None`` for a root.

    Raises:
        InvalidError: names ``parent_id`` or ``kind``.
    """
    if kind in _DEPENDENT and parent_kind is None:
        raise invalid("parent_id", "needs-parent")
    if kind in _DEPENDENT and has_below:
        raise invalid("kind", "has-organisations-below")
    if parent_kind in _DEPENDENT:
        raise invalid("parent_id", "takes-nothing-below")
    if kind is OrganisationKind.WOMENS_COMMITTEE and parent_kind in _NO_UNION:
        raise invalid("parent_id", "needs-union")


def check_move(path: str, new_parent_path: str | None) -> None:
    """Refuse to hang an organisation below itself.

    Raises:
        InvalidError: names ``parent_id``.
    """
    if new_parent_path is not None and new_parent_path.startswith(path):
        raise invalid("parent_id", "below-itself")


def path_below(parent_path: str | None, organisation_id: UUID) -> str:
    """The path of an organisation below the one at ``parent_path``; of a root when that is ``None``."""
    return f"{parent_path or '/'}{organisation_id}/"


def depth_of(path: str) -> int:
    """How far below its root: 0 for a root."""
    return max(path.count("/") - 2, 0)


def ancestor_ids(path: str) -> tuple[UUID, ...]:
    """Every organisation on the way, from the root to the organisation itself."""
    return tuple(UUID(part) for part in path.split("/") if part)
