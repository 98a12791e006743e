"""Login, logout, and the first entry with a code."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from outreach.accounts import commands, queries
from outreach.accounts.authentication import actor_of_person
from outreach.accounts.browser import AnyRequest, came_from, drop_login_cookie, own_path, set_login_cookie
from outreach.accounts.commands import NewLogin
from outreach.accounts.domain.entry_codes import normal_entry_code
from outreach.accounts.domain.errors import EntryCodeSpentError
from outreach.accounts.domain.names import shown_phone
from outreach.accounts.domain.passwords import LEAST_LENGTH
from outreach.accounts.forms import CodeForm, EnterForm, LoginForm
from outreach.accounts.queries.administrators import nobody_yet
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, TooManyRequestsError, invalid
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.security import token_digest
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

PUBLIC = {"public": True}


def _login_order() -> list[tuple[str, str]]:
    return [("name", _("登录名或手机号")), ("password", _("密码"))]


@get("/login", opt=PUBLIC, include_in_schema=False)
async def login_page(
    request: AnyRequest, visitor: NamedDependency[Actor | None], next: FromQuery[str] = ""
) -> Response[Any]:
    """The way in; who is in already goes on. Where nobody can be in yet, the way to the first administrator."""
    if visitor is not None:
        return Redirect(own_path(next) or _first_page(visitor), status_code=303)
    first = await nobody_yet()
    return page(request, "accounts/login.html", form=FormState(), next=own_path(next), nobody_yet=first)


@post("/login", opt=PUBLIC, include_in_schema=False, status_code=200)
async def log_in(request: AnyRequest, now: NamedDependency[datetime]) -> Response[Any]:
    """A new login in this browser."""
    values = await read_form(request)
    wanted = own_path(values.pop("next", None))
    try:
        data = parse_form(LoginForm, values)
        made = await commands.log_in(now, name=data.name, password=data.password, **came_from(request))  # type: ignore[arg-type]
    except InvalidError as error:
        form = FormState.refused(values, error, _login_order())
        return page(request, "accounts/login.html", status=422, form=form, next=wanted)
    except TooManyRequestsError as error:
        return _too_often(request, "accounts/login.html", error, form=FormState(values), next=wanted)
    return await _go_in(request, made, now, wanted)


@post("/logout", include_in_schema=False, status_code=303)
async def log_out(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """The end of this browser's login."""
    await commands.log_out(actor, now)
    return drop_login_cookie(back_to("/", saying=_("已退出。")))


@get("/entry", opt=PUBLIC, include_in_schema=False)
async def code_page(request: AnyRequest) -> Response[Any]:
    """Where a code from paper is typed in."""
    return page(request, "accounts/entry.html", form=FormState())


@post("/entry", opt=PUBLIC, include_in_schema=False, status_code=200)
async def take_code(request: AnyRequest) -> Response[Any]:
    """On to the page of the code, when it has the shape of one."""
    values = await read_form(request)
    try:
        normal = normal_entry_code(parse_form(CodeForm, values).code)
        if normal is None:
            raise invalid("code", "entry-code-shape")
    except InvalidError as error:
        form = FormState.refused(values, error, [("code", _("登录码"))])
        return page(request, "accounts/entry.html", status=422, form=form)
    return Redirect(f"/entry/{normal}", status_code=303)


@get("/entry/{code:str}", opt=PUBLIC, include_in_schema=False)
async def entry_page(request: AnyRequest, code: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """Whom a code lets in. Looking uses nothing up: chat programs open links before people do."""
    return await _entry(request, code, now, FormState())


@post("/entry/{code:str}", opt=PUBLIC, include_in_schema=False, status_code=200)
async def enter(request: AnyRequest, code: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """The first password, or a new one instead of a forgotten one."""
    values = await read_form(request)
    try:
        data = parse_form(EnterForm, values)
        if data.password != data.password_again:
            raise invalid("password_again", "passwords-differ")
        made = await commands.enter_by_code(now, code=code, password=data.password, **came_from(request))  # type: ignore[arg-type]
    except InvalidError as error:
        order = [("password", _("新密码")), ("password_again", _("再输一次"))]
        return await _entry(request, code, now, FormState.refused(values, error, order), status=422)
    except EntryCodeSpentError:
        return await _entry(request, code, now, FormState(), status=404)
    return await _go_in(request, made, now, None, saying=_("密码已设好，您已登录。"))


async def _entry(request: AnyRequest, code: str, now: datetime, form: FormState, *, status: int = 200) -> Response[Any]:
    normal = normal_entry_code(code)
    person = await queries.entry_person(token_digest(normal), now) if normal else None
    if normal is None or person is None:
        return page(request, "accounts/spent.html", status=404)
    return page(
        request,
        "accounts/enter.html",
        status=status,
        form=form,
        person=person,
        code=normal,
        log_in_by=person.login_name or shown_phone(person.phone or ""),
        units=list(dict.fromkeys(grant.organisation_name for grant in person.grants if grant.organisation_name)),
        least=LEAST_LENGTH,
    )


async def _go_in(
    request: AnyRequest, made: NewLogin, now: datetime, wanted: str | None, *, saying: str = ""
) -> Response[Any]:
    actor = await actor_of_person(made.person_id, now)
    first = _first_page(actor) if actor else "/"
    return set_login_cookie(request, back_to(wanted or first, saying=saying), made.token)


def _first_page(actor: Actor) -> str:
    return "/desk" if actor.is_staff else "/"


def _too_often(request: AnyRequest, template: str, error: TooManyRequestsError, **context: Any) -> Response[Any]:
    wait = int(error.facts.get("retry_after", 60))
    headers = {"Retry-After": str(wait)}
    return page(request, template, status=429, headers=headers, wait_minutes=-(-wait // 60), **context)


ROUTES = [login_page, log_in, log_out, code_page, take_code, entry_page, enter]
