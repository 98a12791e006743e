"""The form of a leave."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.accounts.domain.names import looks_like_phone, normal_login_name
from outreach.accounts.leave.queries import person_known_as
from outreach.shared.errors import invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_of_field
from outreach.shared.text import LINE_PATTERN, normal_phone

__all__ = ["LeaveForm", "leave_order", "person_chosen"]

Short = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]


class LeaveForm(msgspec.Struct, kw_only=True):
    """``deputy_id`` from the list of colleagues, or ``deputy_named``: somebody else's login name or telephone."""

    from_on: date
    last_on: date
    deputy_id: Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)] = ""
    deputy_named: Short = ""
    note: Annotated[str, Meta(max_length=100, pattern=LINE_PATTERN)] = ""


def leave_order() -> list[tuple[str, str]]:
    return [
        ("from_on", _("第一天")),
        ("last_on", _("最后一天")),
        ("deputy_id", _("代理人")),
        ("deputy_named", _("别的人")),
        ("note", _("说明")),
    ]


async def person_chosen(chosen: str, named: str, *, field: str) -> UUID:
    """Whoever was chosen from a list (``field``), or named by login name or telephone instead (``<field>_named``).

    Raises:
        InvalidError: nobody was, or nobody has that name.
    """
    if not named:
        if not chosen:
            raise invalid(f"{field}_id", "person-needed")
        return id_of_field(f"{field}_id", chosen)
    found = await person_known_as(normal_login_name(named), normal_phone(named) if looks_like_phone(named) else "")
    if found is None:
        raise invalid(f"{field}_named", "person-unknown")
    return found
