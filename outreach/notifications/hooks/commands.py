"""Hooks are made, changed, paused, tried and told again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.notifications.channels.calling import Caller, NoAnswerError
from outreach.notifications.channels.hooks import Content, call_for, try_call
from outreach.notifications.domain.addresses import url_problems
from outreach.notifications.domain.robots import Shape, Verdict
from outreach.notifications.hooks.domain.errors import NothingToReplayError, NotOursToSignError
from outreach.notifications.hooks.forms import KINDS_OFFERED, EditHookForm, HookForm
from outreach.notifications.hooks.queries import HookRow, hook_of
from outreach.notifications.hooks.records import Target, note_failed, note_taken
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_of_field, new_id
from outreach.web.security import new_token

__all__ = ["TEST_WINDOW", "change_hook", "create_hook", "new_secret", "replay", "set_paused", "try_hook"]


#: Test messages are counted so long: a group is not to be flooded by a nervous hand.
TEST_WINDOW = timedelta(minutes=10)


def _problems(shape: Shape, url: str, secret: str, kinds: list[str], *, anywhere: bool) -> list[FieldProblem]:
    problems = url_problems("url", url, anywhere=anywhere) if url else []
    if shape is Shape.WECOM and secret:
        problems.append(FieldProblem("secret", "robot-signs-nothing"))
    if not kinds:
        problems.append(FieldProblem("kinds", "no-kind-chosen"))
    elif any(one not in KINDS_OFFERED for one in kinds):
        problems.append(FieldProblem("kinds", "not-one-of", {"options": list(KINDS_OFFERED)}))
    return problems


async def create_hook(actor: Actor, now: datetime, form: HookForm, *, anywhere: bool) -> tuple[UUID, str]:
    """Make a hook; return its id, and for other systems the secret that signs what is sent, shown once.

    Raises:
        InvalidError: names the bad fields; an organisation that the actor does not run is one.
    """
    shape = Shape(form.shape)
    problems = _problems(shape, form.url, form.secret, form.kinds, anywhere=anywhere)
    if problems:
        raise InvalidError(problems)
    organisation_id = id_of_field("organisation_id", form.organisation_id)
    made, secret = new_id(), form.secret if shape.is_robot else new_token()
    async with db.atomic():
        path = await db.value(
            "SELECT path FROM accounts_organisation WHERE id = $1 AND closed_on IS NULL FOR SHARE", organisation_id
        )
        if path is None or not actor.organises(path):
            raise InvalidError([FieldProblem("organisation_id", "not-found")])
        await db.execute(
            """INSERT INTO notifications_hook
                   (id, organisation, name, shape, url, secret, kinds, created_by, created_at, error, revision)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 1)""",
            made,
            organisation_id,
            form.name,
            shape.value,
            form.url,
            secret,
            list(dict.fromkeys(form.kinds)),
            actor.person_id,
            now,
        )
        await _note(actor, now, "hook.created", made, organisation_id, name=form.name, shape=shape.value)
    return made, "" if shape.is_robot else secret


async def change_hook(actor: Actor, now: datetime, hook_id: UUID, form: EditHookForm, *, anywhere: bool) -> None:
    """Change name, kinds, and where it leads.

    Raises:
        NotFoundError, StaleError, InvalidError: as usual.
    """
    async with db.atomic():
        hook = await _locked(actor, hook_id)
        if hook.revision != form.revision:
            raise StaleError
        problems = _problems(hook.shape, form.url, form.secret, form.kinds, anywhere=anywhere)
        if problems:
            raise InvalidError(problems)
        secret = form.secret if form.secret and hook.shape.is_robot else hook.secret
        await db.execute(
            """UPDATE notifications_hook SET name = $2, url = $3, secret = $4, kinds = $5, revision = revision + 1
                WHERE id = $1""",
            hook_id,
            form.name,
            form.url or hook.url,
            secret,
            list(dict.fromkeys(form.kinds)),
        )
        await _note(actor, now, "hook.changed", hook_id, hook.organisation_id, name=form.name, moved=bool(form.url))


async def set_paused(actor: Actor, now: datetime, hook_id: UUID, *, paused: bool) -> None:
    """Stop or go on; what waits meanwhile is sent afterwards, unless it has become too old."""
    async with db.atomic():
        hook = await _locked(actor, hook_id)
        if (hook.paused_at is not None) == paused:
            return
        await db.execute(
            """UPDATE notifications_hook
                  SET paused_at = $2, error = CASE WHEN $2::timestamptz IS NULL THEN '' ELSE error END,
                      revision = revision + 1 WHERE id = $1""",
            hook_id,
            now if paused else None,
        )
        if not paused:
            await db.execute(
                "UPDATE notifications_delivery SET next_at = $2 WHERE hook = $1 AND state = 'waiting' AND next_at > $2",
                hook_id,
                now,
            )
        await _note(
            actor, now, "hook.paused" if paused else "hook.resumed", hook_id, hook.organisation_id, name=hook.name
        )


async def new_secret(actor: Actor, now: datetime, hook_id: UUID) -> str:
    """Another secret for what another system is sent; the old one signs nothing any more.

    Raises:
        NotOursToSignError: robots have secrets of their own.
    """
    async with db.atomic():
        hook = await _locked(actor, hook_id)
        if hook.shape.is_robot:
            raise NotOursToSignError
        secret = new_token()
        await db.execute(
            "UPDATE notifications_hook SET secret = $2, revision = revision + 1 WHERE id = $1", hook_id, secret
        )
        await _note(actor, now, "hook.secret_renewed", hook_id, hook.organisation_id, name=hook.name)
        return secret


async def replay(actor: Actor, now: datetime, *, hook_id: UUID, delivery_id: UUID) -> None:
    """Send a delivery again, with the id that it had.

    Raises:
        NotFoundError: it belongs to another hook.
        NothingToReplayError: it is on its way.
    """
    async with db.atomic():
        hook = await _locked(actor, hook_id)
        found = await db.value(
            "SELECT state FROM notifications_delivery WHERE id = $1 AND hook = $2", delivery_id, hook_id
        )
        if found is None:
            raise NotFoundError
        changed = await db.execute(
            """UPDATE notifications_delivery
                  SET state = 'waiting', attempts = 0, next_at = $2, error = '', changed_at = $2, began_data = false
                WHERE id = $1 AND state IN ('sent', 'dead', 'dropped')""",
            delivery_id,
            now,
        )
        if not changed:
            raise NothingToReplayError
        await _note(actor, now, "hook.replayed", hook_id, hook.organisation_id, name=hook.name)


async def try_hook(
    actor: Actor, now: datetime, hook_id: UUID, settings: Settings, *, site_name: str, caller: Caller | None = None
) -> Verdict:
    """Send a message that says it is a test, at once; what the other side answered is noted like of any other."""
    hook = await hook_of(actor, hook_id)
    content = Content(
        new_id(),
        "test",
        "hook",
        hook.id,
        now,
        _("这是一条测试消息，收到说明已经接通。"),
        settings.base_url + "/desk/hooks",
        {},
        is_test=True,
    )
    call = call_for(hook.shape, hook.url, hook.secret, content, at=now, site_name=site_name)
    calling = caller or Caller(anywhere=settings.hooks_anywhere)
    try:
        verdict = await try_call(calling, hook.shape, call)
    except NoAnswerError as error:
        verdict = Verdict(False, f"silence {error}")
    finally:
        await calling.close()
    if verdict.taken:
        await note_taken(hook.id, now)
    else:
        await note_failed(_target(hook, now), now, verdict.reason)
    return verdict


def _target(hook: HookRow, now: datetime) -> Target:
    return Target(
        hook.id, hook.organisation_id, hook.name, hook.shape, hook.url, hook.secret, hook.paused_at is not None, now
    )


async def _locked(actor: Actor, hook_id: UUID) -> HookRow:
    await db.execute("SELECT 1 FROM notifications_hook WHERE id = $1 FOR UPDATE", hook_id)
    return await hook_of(actor, hook_id)


async def _note(actor: Actor, now: datetime, action: str, hook_id: UUID, organisation_id: UUID, **facts: Any) -> None:
    await note_within(actor, now, action, "hook", hook_id, organisation_id=organisation_id, facts=facts)
