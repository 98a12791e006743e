"""台账 and 佐证材料包, of a programme and of one session; for who runs them."""

import weakref
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from outreach.attendance.access import managed
from outreach.events.queries import SessionRow
from outreach.papers import ledger, packages
from outreach.papers.downloads import headers_of, note_export
from outreach.papers.people import people_lines
from outreach.papers.queries import Span, sessions_of_programme
from outreach.programmes.access import run_programme
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState
from outreach.web.templates import page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PROGRAMME, SESSION = "/desk/programmes/{programme_id:str}", "/desk/sessions/{session_id:str}"
ZIP = "application/zip"

Day = Annotated[str, QueryParameter(max_length=20)]
From = Annotated[str, QueryParameter(name="from", max_length=20)]
To = Annotated[str, QueryParameter(name="to", max_length=20)]


@get(PROGRAMME + "/papers", opt=STAFF, include_in_schema=False)
async def papers_page(
    request: AnyRequest,
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    first: From = "",
    last: To = "",
) -> Response[Any]:
    """From when until when, what there is, and the two files to download."""
    programme = await run_programme(actor, id_in_path(programme_id))
    values, order = {"from": first, "to": last}, [("from", _("从")), ("to", _("到"))]
    try:
        sessions = await sessions_of_programme(programme.id, Span.asked(first, last), most=ledger.MOST_SESSIONS)
    except InvalidError as error:
        form = FormState.refused(values, error, order)
        return page(request, "papers/programme.html", status=422, programme=programme, form=form, sessions=None)
    held = [one for one in sessions if one.state in ("held", "closed")]
    package = await packages.package_of(held) if len(held) <= packages.MOST_SESSIONS else None
    return page(
        request,
        "papers/programme.html",
        programme=programme,
        form=FormState(values, {}, order),
        sessions=sessions,
        held=held,
        package=package,
        most=packages.MOST_SESSIONS,
        words_of=packages.kinds_text,
    )


@get(PROGRAMME + "/ledger.xlsx", opt=STAFF, include_in_schema=False)
async def programme_ledger(
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: Day = "",
    first: From = "",
    last: To = "",
) -> Response[bytes]:
    """The ledger of a programme."""
    programme = await run_programme(actor, id_in_path(programme_id))
    span = Span.asked(first, last, year)
    sessions = await sessions_of_programme(programme.id, span, most=ledger.MOST_SESSIONS)
    data = await ledger.ledger_data(sessions)
    title = _("%(programme)s台账") % {"programme": programme.short_name}
    made = await ledger.ledger_xlsx(data, title=title, made_on=local_day(now))
    await note_export(
        actor, now, "programme", programme.id, programme.organisation_id,
        paper="ledger", sessions=len(sessions), files=1,
    )  # fmt: skip
    name = f"{title}{_span_words(span, local_day(now))}.xlsx"
    return Response(made, media_type=XLSX, headers=headers_of(name, f"ledger-{programme.code}.xlsx"))


@get(SESSION + "/ledger.xlsx", opt=STAFF, include_in_schema=False)
async def session_ledger(
    session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[bytes]:
    """The ledger of one session, with its people where their names are kept."""
    session = await managed(actor, id_in_path(session_id))
    people, left_out = await people_lines(session)
    made = await ledger.ledger_xlsx(
        await ledger.ledger_data([session]),
        title=_("%(title)s台账") % {"title": session.title},
        made_on=local_day(now),
        people=None if session.confidential else people,
        left_out=left_out,
    )
    await note_export(actor, now, "session", session.id, session.organisation_id, paper="ledger", sessions=1, files=1)
    day = local_day(session.starts_at).isoformat()
    name = f"{_('%(title)s台账') % {'title': session.title}}_{day}.xlsx"
    return Response(made, media_type=XLSX, headers=headers_of(name, f"ledger-{day}.xlsx"))


@get(PROGRAMME + "/evidence.zip", opt=STAFF, include_in_schema=False)
async def programme_package(
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    first: From = "",
    last: To = "",
) -> Stream:
    """What was handed in for the sessions of a programme that took place."""
    programme, span = await run_programme(actor, id_in_path(programme_id)), Span.asked(first, last)
    sessions = await sessions_of_programme(programme.id, span, most=packages.MOST_SESSIONS, states=("held", "closed"))
    name = f"{_('%(programme)s佐证材料') % {'programme': programme.short_name}}{_span_words(span, local_day(now))}.zip"
    headers = headers_of(name, f"evidence-{programme.code}.zip")
    return await _package(actor, now, settings, sessions, headers, "programme", programme.id, programme.organisation_id)


@get(SESSION + "/evidence.zip", opt=STAFF, include_in_schema=False)
async def session_package(
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Stream:
    """What was handed in for one session."""
    session = await managed(actor, id_in_path(session_id))
    day = local_day(session.starts_at).isoformat()
    headers = headers_of(f"{_('%(title)s佐证材料') % {'title': session.title}}_{day}.zip", f"evidence-{day}.zip")
    return await _package(actor, now, settings, [session], headers, "session", session.id, session.organisation_id)


async def _package(
    actor: Actor,
    now: datetime,
    settings: Settings,
    sessions: list[SessionRow],
    headers: dict[str, str],
    object_kind: Any,
    object_id: UUID,
    organisation_id: UUID,
) -> Stream:
    give_back = packages.take_turn()
    try:
        package = await packages.package_of(sessions)
        await note_export(
            actor, now, object_kind, object_id, organisation_id,
            paper="evidence", sessions=len(sessions), files=len(package.items),
        )  # fmt: skip
    except BaseException:
        give_back()
        raise

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in packages.sent(package, settings.home, made_on=local_day(now)):
                yield piece
        finally:
            give_back()

    sending = pieces()
    weakref.finalize(sending, give_back)  # also when the reader left before the first byte, and nothing ran
    return Stream(sending, media_type=ZIP, headers=headers)


def _span_words(span: Span, today: date) -> str:
    if span.first or span.last:
        return f"_{span.first or ''}_{span.last or ''}"
    return f"_{span.year}" if span.year else f"_{today.isoformat()}"


ROUTES = [papers_page, programme_ledger, session_ledger, programme_package, session_package]
