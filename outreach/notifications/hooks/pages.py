"""Pages of hooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.notifications.hooks import commands
from outreach.notifications.hooks.forms import EditHookForm, HookForm, hook_order
from outreach.notifications.hooks.queries import HookRow, deliveries_of, hook_of, hooks_of, offices_of
from outreach.notifications.hooks.wording import (
    SHAPE_WORDS,
    STATE_WORDS,
    kind_groups,
    kind_words,
    reason_words,
    shape_options,
)
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, OutreachError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of, status_of
from outreach.web.templates import back_to, page
from outreach.web.throttle import count_try

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PATH = "/desk/hooks"


@get(PATH, opt=STAFF, include_in_schema=False)
async def hooks_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Who is told of what."""
    return page(
        request,
        "notifications/hooks.html",
        hooks=await hooks_of(actor),
        shape_words=SHAPE_WORDS,
        reason_words=reason_words,
        kind_words=kind_words,
    )


@get(PATH + "/new", opt=STAFF, include_in_schema=False)
async def new_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form."""
    return await _new(request, actor, FormState({"shape": "wecom"}))


@post(PATH + "/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """A new hook; of other systems the secret is shown on this answer and never again."""
    values = await read_form(request)
    try:
        data = parse_form(HookForm, values)
        made, secret = await commands.create_hook(actor, now, data, anywhere=settings.hooks_anywhere)
    except InvalidError as error:
        return await _new(request, actor, FormState.refused(values, error, hook_order()), status=422)
    if secret:
        return page(request, "notifications/hook_secret.html", hook=await hook_of(actor, made), secret=secret)
    return back_to(f"{PATH}/{made}", saying=_("已建好。先发一条测试消息看看。"))


@get(PATH + "/{hook_id:str}", opt=STAFF, include_in_schema=False)
async def hook_page(request: AnyRequest, hook_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """One hook and what it was told last."""
    return await _page(request, actor, id_in_path(hook_id))


@post(PATH + "/{hook_id:str}", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest,
    hook_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """What was changed of a hook."""
    id_, values = id_in_path(hook_id), await read_form(request)
    try:
        data = parse_form(EditHookForm, values)
        await commands.change_hook(actor, now, id_, data, anywhere=settings.hooks_anywhere)
    except InvalidError as error:
        return await _page(request, actor, id_, form=FormState.refused(values, error, hook_order()), status=422)
    except StaleError as error:
        return await _page(request, actor, id_, typed=values, refusal=error)
    return back_to(f"{PATH}/{id_}", saying=_("已保存。"))


@post(PATH + "/{hook_id:str}/pause", opt=STAFF, include_in_schema=False, status_code=200)
async def pause(
    request: AnyRequest, hook_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Nothing is sent there for now."""
    await commands.set_paused(actor, now, id_in_path(hook_id), paused=True)
    return back_to(f"{PATH}/{id_in_path(hook_id)}", saying=_("已暂停。"))


@post(PATH + "/{hook_id:str}/resume", opt=STAFF, include_in_schema=False, status_code=200)
async def resume(
    request: AnyRequest, hook_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Go on."""
    await commands.set_paused(actor, now, id_in_path(hook_id), paused=False)
    return back_to(f"{PATH}/{id_in_path(hook_id)}", saying=_("已恢复，积下的按先后发出去。"))


@post(PATH + "/{hook_id:str}/test", opt=STAFF, include_in_schema=False, status_code=200)
async def test(
    request: AnyRequest,
    hook_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Send a test message at once and say what came of it."""
    id_ = id_in_path(hook_id)
    await hook_of(actor, id_)
    await count_try(f"hook-test:{id_}", limit=10, window=commands.TEST_WINDOW, now=now)
    verdict = await commands.try_hook(actor, now, id_, settings, site_name=request.app.state.site.name)
    if verdict.taken:
        return back_to(f"{PATH}/{id_}", saying=_("测试消息发出去了，对方已收下。"))
    return await _page(request, actor, id_, failed=verdict.reason)


@post(PATH + "/{hook_id:str}/secret", opt=STAFF, include_in_schema=False, status_code=200)
async def secret(
    request: AnyRequest, hook_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Another secret, shown on this answer and never again."""
    id_ = id_in_path(hook_id)
    try:
        made = await commands.new_secret(actor, now, id_)
    except ConflictError as error:
        return await _page(request, actor, id_, refusal=error)
    return page(request, "notifications/hook_secret.html", hook=await hook_of(actor, id_), secret=made)


@post(PATH + "/{hook_id:str}/deliveries/{delivery_id:str}/again", opt=STAFF, include_in_schema=False, status_code=200)
async def again(
    request: AnyRequest,
    hook_id: FromPath[str],
    delivery_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Send one again."""
    id_ = id_in_path(hook_id)
    try:
        await commands.replay(actor, now, hook_id=id_, delivery_id=id_in_path(delivery_id))
    except ConflictError as error:
        return await _page(request, actor, id_, refusal=error)
    return back_to(f"{PATH}/{id_}", saying=_("已重新排进发送。"))


async def _new(request: AnyRequest, actor: Actor, form: FormState, *, status: int = 200) -> Response[Any]:
    offices = await offices_of(actor)
    values = {"organisation_id": str(offices[0].id) if offices else "", **form.values}
    return page(
        request,
        "notifications/hook_new.html",
        status=status,
        form=FormState(values, form.errors, form.order),
        offices=[(one.id, one.name) for one in offices],
        shapes=shape_options(),
        groups=kind_groups(),
    )


async def _page(
    request: AnyRequest,
    actor: Actor,
    hook_id: UUID,
    *,
    form: FormState | None = None,
    typed: dict[str, Any] | None = None,
    refusal: OutreachError | None = None,
    failed: str = "",
    status: int = 200,
) -> Response[Any]:
    hook = await hook_of(actor, hook_id)
    if refusal is not None:
        status = 409 if isinstance(refusal, StaleError) else status_of(refusal)
    return page(
        request,
        "notifications/hook.html",
        status=status,
        hook=hook,
        form=form or FormState({**_values(hook), **(typed or {}), "revision": hook.revision}),
        refusal=message_of(refusal) if refusal else None,
        failed=reason_words(failed) if failed else "",
        deliveries=await deliveries_of(hook_id),
        shape=_(SHAPE_WORDS[hook.shape]),
        groups=kind_groups(),
        state_words=STATE_WORDS,
        kind_words=kind_words,
        reason_words=reason_words,
    )


def _values(hook: HookRow) -> dict[str, Any]:
    return {"name": hook.name, "url": "", "secret": "", "kinds": list(hook.kinds), "revision": hook.revision}


ROUTES = [hooks_page, new_page, create, hook_page, change, pause, resume, test, secret, again]
