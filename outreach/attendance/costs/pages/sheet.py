"""领取表: printed on A4 landscape and signed; what is never stored is left blank."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.access import managed
from outreach.attendance.costs.domain.capitals import capitals
from outreach.attendance.costs.domain.money import hours_text, yuan_text
from outreach.attendance.costs.fees import MOST_FEES, FeeLine, fees_of_programme, fees_of_session, payees_of
from outreach.bookings.queries import owner_name_of
from outreach.programmes.access import run_programme
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, ZONE, local_day
from outreach.web.templates import page
from outreach.web.wording import month_text

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@get("/desk/sessions/{session_id:str}/fee-sheet", opt=STAFF, include_in_schema=False)
async def session_sheet(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The fees of one session."""
    session = await managed(actor, id_in_path(session_id))
    back = f"/desk/sessions/{session.id}/costs"
    what = _("%(title)s（%(programme)s）") % {"title": session.title, "programme": session.programme_name}
    return _sheet(request, what, await owner_name_of(session), await fees_of_session(session.id), back)


@get("/desk/programmes/{programme_id:str}/fee-sheet", opt=STAFF, include_in_schema=False)
async def programme_sheet(
    request: AnyRequest,
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    month: FromQuery[str] = "",
) -> Response[Any]:
    """The fees of one month (``2015-09``; without it the present one) of a programme."""
    programme = await run_programme(actor, id_in_path(programme_id))
    year, number = _asked(month or local_day(now).isoformat()[:7])
    start = datetime(year, number, 1, tzinfo=ZONE)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    what = _("%(programme)s，%(month)s") % {
        "programme": programme.name,
        "month": month_text(year, number, language()),
    }
    lines = await fees_of_programme(programme.id, start, end)
    return _sheet(request, what, programme.organisation_name, lines, f"/desk/programmes/{programme.id}/costs")


def _asked(month: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(month)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise invalid("month", "bad-fee-month")
    return int(found[1]), int(found[2])


def _sheet(request: AnyRequest, what: str, owner: str, lines: Sequence[FeeLine], back: str) -> Response[Any]:
    total = sum(one.amount_fen for one in lines)
    return page(
        request,
        "attendance/fee_sheet.html",
        what=what,
        owner=owner,
        payees=payees_of(lines),
        sources=list(dict.fromkeys(one.source for one in lines if one.source)),
        total=total,
        in_capitals=capitals(total),
        cut=len(lines) == MOST_FEES,
        most=MOST_FEES,
        back=back,
        yuan_text=yuan_text,
        hours_text=hours_text,
    )


ROUTES = [session_sheet, programme_sheet]
