"""Statistics tables as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from outreach.programmes.asking import DEFAULT_LIMIT, Cursor, IdAsked, Limit, TextAsked, YearAsked
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.ids import id_in_path, id_of_field
from outreach.statistics.commands.deciding import correct_table, lock_table, return_table
from outreach.statistics.commands.filling import hand_in, save_values
from outreach.statistics.commands.opening import open_below, open_form
from outreach.statistics.domain.states import TableState
from outreach.statistics.filled import filled_table
from outreach.statistics.queries import TableRow, lower_tables, readable_table, tables_page
from outreach.statistics.schemas import (
    BelowIn,
    CorrectionsIn,
    OpenIn,
    ReturnIn,
    TableList,
    TableOut,
    TableWithCells,
    ValuesIn,
    table_out,
    table_with_cells,
)
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
TAGS = ["statistics"]
PATH = "/api/v1/statistics"


def _upper_readable(actor: Actor, row: TableRow) -> bool:
    return row.upper_path is not None and actor.evaluates(row.upper_path)


@contextmanager
def _naming_values(*own: str) -> Iterator[None]:
    """A refused cell is named as the member of the body in which it stands; the form on a page names it alone."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(
            [replace(one, field=one.field if one.field in own else f"values.{one.field}") for one in error.problems]
        ) from error


def _answer(actor: Actor, row: TableRow, *, status: int = 200) -> Response[TableOut]:
    out = table_out(row, upper_readable=_upper_readable(actor, row))
    return Response(out, status_code=status, headers={"ETag": revision_tag(row.revision)})


@get(PATH, tags=TAGS, operation_id="listStatistics", summary="Tables that you may read, newest first")
async def list_tables(
    actor: NamedDependency[Actor],
    year: YearAsked = None,
    form: TextAsked = "",
    organisation: IdAsked = "",
    in_state: Annotated[TableState | None, QueryParameter(name="state")] = None,
    limit: Limit = DEFAULT_LIMIT,
    after: Cursor = "",
) -> TableList:
    """`organisation` is an id, `form` a code."""
    found = await tables_page(
        actor,
        year=year,
        form_code=form or None,
        organisation_id=id_of_field("organisation", organisation) if organisation else None,
        state=in_state,
        limit=limit,
        after=after or None,
    )
    items = [table_out(row, upper_readable=_upper_readable(actor, row)) for row in found.items]
    return TableList(items=items, next=found.next, total=found.total)


@post(PATH, status_code=201, tags=TAGS, operation_id="openStatistics", summary="Open a form for a year")
async def open_statistics(
    data: JSONBody[OpenIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[TableOut]:
    """Makes the organisation's own table, and one for each organisation directly below."""
    row = await open_form(
        actor,
        now,
        form=data.form,
        year=data.year,
        organisation_id=data.organisation_id,
        hand_in_on=data.hand_in_on,
        organisation_ids=data.organisation_ids,
    )
    return _answer(actor, row, status=201)


@get(PATH + "/{table_id:str}", tags=TAGS, operation_id="getStatistics", summary="A table with its cells")
async def get_table(table_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[TableWithCells]:
    """What was typed, what the system counted, what came from below, and what it comes to."""
    row = await readable_table(actor, id_in_path(table_id))
    below = await lower_tables(row.id) if row.lower and actor.evaluates(row.path) else []
    out = table_with_cells(await filled_table(row), below, upper_readable=_upper_readable(actor, row))
    return Response(out, headers={"ETag": revision_tag(row.revision)})


@put(PATH + "/{table_id:str}/values", tags=TAGS, operation_id="putStatisticsValues", summary="Type the values")
async def put_values(
    request: AnyRequest,
    table_id: FromPath[str],
    data: JSONBody[ValuesIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[TableOut]:
    """Replaces all that was typed. Honours `If-Match`. 其中 above its whole is refused, naming the cell."""
    revision = expected_revision(request)
    with _naming_values():
        row = await save_values(actor, now, table_id=id_in_path(table_id), entries=data.entries(), revision=revision)
    return _answer(actor, row)


@post(
    PATH + "/{table_id:str}/below",
    status_code=200,
    tags=TAGS,
    operation_id="openStatisticsBelow",
    summary="Hand a table on to those below",
)
async def post_below(
    request: AnyRequest,
    table_id: FromPath[str],
    data: JSONBody[BelowIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[TableOut]:
    """Hands the table on to the organisations directly below that have none yet."""
    row = await open_below(
        actor,
        now,
        table_id=id_in_path(table_id),
        due_on=data.due_on,
        organisation_ids=data.organisation_ids,
        revision=expected_revision(request),
    )
    return _answer(actor, row)


@post(
    PATH + "/{table_id:str}/submit",
    status_code=200,
    tags=TAGS,
    operation_id="submitStatistics",
    summary="Hand a table in",
)
async def submit(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[TableOut]:
    """Hands the table in. Honours `If-Match`."""
    row = await hand_in(actor, now, table_id=id_in_path(table_id), revision=expected_revision(request))
    return _answer(actor, row)


@post(
    PATH + "/{table_id:str}/return",
    status_code=200,
    tags=TAGS,
    operation_id="returnStatistics",
    summary="Give a table back",
)
async def give_back(
    request: AnyRequest,
    table_id: FromPath[str],
    data: JSONBody[ReturnIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[TableOut]:
    """Back to be filled again, with a note; for who runs the organisation above. Honours `If-Match`."""
    row = await return_table(
        actor, now, table_id=id_in_path(table_id), note=data.note, revision=expected_revision(request)
    )
    return _answer(actor, row)


@post(PATH + "/{table_id:str}/lock", status_code=200, tags=TAGS, operation_id="lockStatistics", summary="Lock a table")
async def lock(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[TableOut]:
    """From now on by corrections only; for who runs the organisation above. Honours `If-Match`."""
    row = await lock_table(actor, now, table_id=id_in_path(table_id), revision=expected_revision(request))
    return _answer(actor, row)


@post(
    PATH + "/{table_id:str}/corrections",
    status_code=201,
    tags=TAGS,
    operation_id="correctStatistics",
    summary="Correct a locked table",
)
async def correct(
    request: AnyRequest,
    table_id: FromPath[str],
    data: JSONBody[CorrectionsIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[TableOut]:
    """New values of a locked table; both stay. For who runs the organisation above. Honours `If-Match`."""
    revision = expected_revision(request)
    with _naming_values("reason", "values"):
        row = await correct_table(
            actor, now, table_id=id_in_path(table_id), values=data.decided(), reason=data.reason, revision=revision
        )
    return _answer(actor, row, status=201)


ROUTES = [list_tables, open_statistics, get_table, put_values, post_below, submit, give_back, lock, correct]
