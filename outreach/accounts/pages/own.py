"""One's own account: name, language, password, browsers, API tokens."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts import commands, queries
from outreach.accounts.browser import AnyRequest
from outreach.accounts.domain.names import shown_phone
from outreach.accounts.domain.passwords import LEAST_LENGTH
from outreach.accounts.domain.permissions import may_keep_tokens
from outreach.accounts.forms import OwnForm, PasswordForm, PrefixedForm, TokenForm
from outreach.accounts.wording import device_text, role_text
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, TooManyRequestsError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import use_locale
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]


@get("/account", include_in_schema=False)
async def account_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The own account."""
    return await _account(request, actor, now)


@post("/account", include_in_schema=False, status_code=200)
async def change_own(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Name and language."""
    values = await read_form(request)
    try:
        data = parse_form(OwnForm, values)
        await commands.change_own(actor, now, name=data.name, locale=data.locale)
    except InvalidError as error:
        order = [("name", _("姓名")), ("locale", _("语言"))]
        return await _account(request, actor, now, own=FormState.refused(values, error, order), status=422)
    use_locale(data.locale)
    response = back_to("/account", saying=_("已保存。"))
    response.delete_cookie("outreach_lang", path="/")  # an earlier choice of this browser would hide the new one
    return response


@post("/account/password", include_in_schema=False, status_code=200)
async def change_password(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A new password; other browsers are logged out."""
    values = await read_form(request)
    try:
        data = parse_form(PasswordForm, values)
        if data.password != data.password_again:
            raise invalid("password_again", "passwords-differ")
        await commands.set_password(actor, now, old_password=data.old_password, password=data.password)
    except InvalidError as error:
        order = [("old_password", _("现在的密码")), ("password", _("新密码")), ("password_again", _("再输一次"))]
        return await _account(request, actor, now, password=FormState.refused(values, error, order), status=422)
    except TooManyRequestsError as error:
        wait = int(error.facts.get("retry_after", 60))
        return await _account(request, actor, now, wait_minutes=-(-wait // 60), status=429)
    return back_to("/account", saying=_("密码已改好，其他浏览器已退出。"))


@post("/account/logins/{login_id:str}/revoke", include_in_schema=False, status_code=303)
async def revoke_login(
    login_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Another browser is logged out."""
    await commands.revoke_login(actor, now, login_id=id_in_path(login_id))
    return back_to("/account", saying=_("那个浏览器已退出。"))


@post("/account/tokens", include_in_schema=False, status_code=200)
async def create_token(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A token, shown on this answer and never again."""
    values = await read_form(request)
    try:
        data = parse_form(TokenForm, values)
        made = await commands.create_api_token(actor, now, name=data.name)
    except InvalidError as error:
        form = FormState.refused(values, error, [("name", _("用在哪里"))])
        return await _account(request, actor, now, token=form, status=422)
    return page(request, "accounts/token.html", made=made)


@post("/account/tokens/{token_id:str}/revoke", include_in_schema=False, status_code=303)
async def revoke_token(
    token_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A token stops working."""
    await commands.revoke_api_token(actor, now, token_id=id_in_path(token_id))
    return back_to("/account", saying=_("令牌已撤销。"))


async def _account(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    *,
    own: FormState | None = None,
    password: FormState | None = None,
    token: FormState | None = None,
    wait_minutes: int | None = None,
    status: int = 200,
) -> Response[Any]:
    person = await queries.person_by_id(actor.person_id)
    assert person is not None  # the actor was found a moment ago
    keeps_tokens = may_keep_tokens(actor)
    return page(
        request,
        "accounts/account.html",
        status=status,
        person=person,
        phone=shown_phone(person.phone) if person.phone else None,
        roles=[(role_text(grant.role), grant.organisation_name) for grant in actor.grants],
        own=own or FormState({"name": person.name, "locale": person.locale}),
        password=PrefixedForm.of("pw", password),
        token=PrefixedForm.of("tk", token),
        logins=await queries.logins_of(actor.person_id, now),
        device_text=device_text,
        keeps_tokens=keeps_tokens,
        tokens=await queries.api_tokens_of(actor.person_id) if keeps_tokens else [],
        wait_minutes=wait_minutes,
        least=LEAST_LENGTH,
    )


ROUTES = [account_page, change_own, change_password, revoke_login, create_token, revoke_token]
