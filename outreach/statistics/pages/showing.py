"""The page of one table: typed into, or read; the same for a unit's contact and for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response

from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.statistics.asking import values_shown
from outreach.statistics.domain.forms import pieces
from outreach.statistics.domain.permissions import may_fill, may_open, may_oversee
from outreach.statistics.domain.states import FILLABLE
from outreach.statistics.filled import Filled, filled_table
from outreach.statistics.queries import TableRow, lower_tables, readable_table
from outreach.statistics.wording import STATE_MARKS, rule_text, state_text, value_text
from outreach.web.forms import FormState
from outreach.web.templates import page

__all__ = ["AnyRequest", "Trouble", "base_of", "correct_page", "is_desk", "table_in_path", "table_page"]

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the page comes back: fields to change, a refusal (title and words), or somebody else's change."""

    status: int
    form: FormState | None = None
    refusal: tuple[str, str] | None = None
    below: FormState | None = None
    returning: FormState | None = None

    @property
    def stale(self) -> bool:
        return self.status == 412


def is_desk(request: AnyRequest) -> bool:
    """Whether the page is the desk's; a unit's contact has the same page under an address of its own."""
    return str(request.scope["path"]).startswith("/desk/")


def base_of(request: AnyRequest) -> str:
    """``/desk/statistics`` or ``/statistics``."""
    return "/desk/statistics" if is_desk(request) else "/statistics"


async def table_in_path(request: AnyRequest, actor: Actor, table_id: str) -> TableRow:
    """The table; the desk's address is for staff only.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller is no staff and asked for the desk's page.
    """
    row = await readable_table(actor, id_in_path(table_id))
    if is_desk(request) and not actor.is_staff:
        raise ForbiddenError
    return row


async def table_page(
    request: AnyRequest, actor: Actor, now: datetime, row: TableRow, trouble: Trouble | None = None
) -> Response[Any]:
    """The table as a page."""
    filled = await filled_table(row)
    editable = may_fill(actor, row.facts) and row.state in FILLABLE
    form = trouble.form if trouble and trouble.form else values_shown(filled)
    if trouble and trouble.stale:
        form = FormState({**form.values, "revision": str(row.revision)}, form.errors, form.order)
    return page(
        request,
        "statistics/table.html",
        status=trouble.status if trouble else 200,
        **_words(filled),
        base=base_of(request),
        desk=is_desk(request),
        today=local_day(now),
        form_state=form,
        trouble=trouble,
        editable=editable,
        may_oversee=may_oversee(actor, row.facts),
        may_open=may_open(actor, row.path),
        below=await lower_tables(row.id) if row.lower and actor.evaluates(row.path) else [],
        STATE_MARKS=STATE_MARKS,
    )


async def correct_page(
    request: AnyRequest, row: TableRow, form: FormState | None = None, status: int = 200
) -> Response[Any]:
    """A locked table, to be corrected."""
    filled = await filled_table(row)
    return page(
        request,
        "statistics/correct.html",
        status=status,
        **_words(filled),
        base=base_of(request),
        form_state=form or values_shown(filled, totals=True),
        stale=status == 412,
    )


def _words(filled: Filled) -> dict[str, Any]:
    return {
        "t": filled.row,
        "filled": filled,
        "form": filled.form,
        "pieces": pieces,
        "value_text": value_text,
        "rule_text": rule_text,
        "state_text": state_text,
    }
