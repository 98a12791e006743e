"""三个问题 on a worker's own phone: no account, no script, four taps and a button. Reading the page changes nothing."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.attendees import identity_key
from outreach.attendance.checking_in import check_ins_of_phone
from outreach.attendance.doors import DoorView, door_by_token
from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.attendance.opinions.domain.opinions import MOST_WORDS
from outreach.attendance.opinions.forms import OpinionForm, opinion_order
from outreach.attendance.opinions.giving import Asked, asked_of, give_opinion
from outreach.attendance.opinions.phrases import why_no_opinion
from outreach.attendance.opinions.who import check_in_of, who_of
from outreach.attendance.opinions.wording import change_words, questions_for
from outreach.attendance.remembering import WHO_COOKIE, remembered
from outreach.settings import Settings
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"public": True}


@get("/checkin/{token:str}/opinion", opt=PUBLIC, include_in_schema=False)
async def opinion_page(
    request: AnyRequest,
    token: FromPath[str],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    who: FromQuery[str] = "",
) -> Response[Any]:
    """The questions to who checked in: by the link of that page, else as far as the phone's cookie tells."""
    door = await door_by_token(token)
    who = who or await _of_phone(request, door, settings)
    try:
        asked = await _asked(request, settings, door, who)
        if not asked.answered:
            asked.check_open(now)
    except InvalidError:
        return _page(request, door, refusal=_unknown())
    except OpinionClosedError as error:
        return _page(request, door, refusal=why_no_opinion(error))
    return _page(request, door, who=who, asked=asked, done=asked.answered)


@post("/checkin/{token:str}/opinion", opt=PUBLIC, include_in_schema=False, status_code=200)
async def opinion(
    request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime], settings: NamedDependency[Settings]
) -> Response[Any]:
    """The first answer is kept; sent again the page says that it is there."""
    door, values = await door_by_token(token), await read_form(request)
    who = str(values.get("who", ""))
    try:
        asked = await _asked(request, settings, door, who)
    except InvalidError:
        return _page(request, door, refusal=_unknown(), status=422)
    try:
        said, key = parse_form(OpinionForm, values).said, identity_key(settings)
        await give_opinion(
            now, key=key, attendee_id=check_in_of(request.app.state.secret, who), said=said, token=door.token
        )
    except InvalidError as error:
        form = FormState.refused(values, error, opinion_order(asked.kind))
        return _page(request, door, who=who, asked=asked, form=form, status=422)
    except OpinionClosedError as error:
        return _page(request, door, refusal=why_no_opinion(error), status=409)
    return _page(request, door, who=who, asked=asked, done=True)


async def _asked(request: AnyRequest, settings: Settings, door: DoorView, who: str) -> Asked:
    return await asked_of(identity_key(settings), check_in_of(request.app.state.secret, who), token=door.token)


async def _of_phone(request: AnyRequest, door: DoorView, settings: Settings) -> str:
    """What the check-in page would have given to this phone; empty where it does not know it."""
    phone = remembered(request.app.state.secret, request.cookies.get(WHO_COOKIE, ""))
    mine = await check_ins_of_phone(door, identity_key(settings), phone) if phone else []
    return who_of(request.app.state.secret, mine[0].attendee_id) if mine else ""


def _unknown() -> tuple[str, str]:
    return _("没有找到您的签到"), _("请扫海报上的码，从签到页面点进来。签到时用的是别的手机的，请用那部手机打开。")


def _page(
    request: AnyRequest,
    door: DoorView,
    *,
    who: str = "",
    asked: Asked | None = None,
    done: bool = False,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    return page(
        request,
        "attendance/opinion.html",
        status=status,
        door=door,
        who=who,
        questions=questions_for(asked.kind) if asked else {},
        changes=change_words(),
        done=done,
        form=form or FormState(),
        refusal=refusal,
        most_words=MOST_WORDS,
        headers={"Referrer-Policy": "same-origin"},  # the address says who it is: no other site is to read it
    )


ROUTES = [opinion_page, opinion]
