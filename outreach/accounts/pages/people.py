"""People, their roles, and the codes that let them in."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts import commands, queries
from outreach.accounts.browser import AnyRequest
from outreach.accounts.domain.errors import LastAdministratorError, NoLoginNameError, RoleAlreadyGrantedError
from outreach.accounts.domain.permissions import may_manage_person, may_see_person
from outreach.accounts.forms import GrantForm, NewPersonForm, PersonForm, PrefixedForm, grant_order, person_order
from outreach.accounts.leave.queries import away_on, leaves_of
from outreach.accounts.queries import PersonRow
from outreach.accounts.slips import slip
from outreach.accounts.wording import role_options, role_text
from outreach.settings import Settings
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import InvalidError, NotFoundError, OutreachError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of, status_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

STAFF = {"staff": True}
PER_PAGE = 50


@get("/desk/people", opt=STAFF, include_in_schema=False)
async def people_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    organisation: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Who does what where."""
    wanted = {"q": q[:100], "role": role if role in set(Role) else "", "organisation": organisation}
    unit = id_in_path(organisation) if organisation else None
    found = await queries.persons(
        actor,
        now,
        text=wanted["q"] or None,
        role=Role(wanted["role"]) if wanted["role"] else None,
        organisation_id=unit,
        limit=PER_PAGE,
        after=after or None,
    )
    given = {name: value for name, value in wanted.items() if value}
    return page(
        request,
        "accounts/people.html",
        rows=found.items,
        away=await away_on([one.id for one in found.items], local_day(now)),
        wanted=wanted,
        roles=role_options(list(Role)),
        role_text=role_text,
        today=local_day(now),
        paging={
            "total": found.total,
            "after": f"/desk/people?{urlencode({**given, 'after': found.next})}" if found.next else None,
            "first": f"/desk/people?{urlencode(given)}" if after else None,
        },
    )


@get("/desk/people/new", opt=STAFF, include_in_schema=False)
async def new_page(
    request: AnyRequest, actor: NamedDependency[Actor], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """An empty form; a contact of ``organisation`` when that is given."""
    values = {"role": Role.CONTACT.value, "organisation_id": organisation}
    return await _new(request, actor, FormState(values))


@post("/desk/people/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """A new person with a first role."""
    values = await read_form(request)
    try:
        given = _with_organisation(msgspec.structs.asdict(parse_form(NewPersonForm, values)))
        made = await commands.create_person(actor, now, **given)
    except InvalidError as error:
        form = FormState.refused(values, error, [*person_order(), *grant_order()])
        return await _new(request, actor, form, status=422)
    return back_to(f"/desk/people/{made}", saying=_("已新建。接着可以发登录码。"))


@get("/desk/people/{person_id:str}", opt=STAFF, include_in_schema=False)
async def person_page(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """One person."""
    return await _person(request, actor, now, id_in_path(person_id))


@post("/desk/people/{person_id:str}", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What was changed of a person."""
    id_, values = id_in_path(person_id), await read_form(request)
    try:
        data = parse_form(PersonForm, values)
        changes = commands.PersonChanges(
            name=data.name, login_name=data.login_name, phone=data.phone, disabled=data.disabled
        )
        await commands.change_person(actor, now, id_, changes, expected_revision=data.revision)
    except InvalidError as error:
        form = FormState.refused(values, error, person_order())
        return await _person(request, actor, now, id_, form=form, status=422)
    except (StaleError, LastAdministratorError) as error:
        return await _person(request, actor, now, id_, typed=values, refusal=error)
    return back_to(f"/desk/people/{id_}", saying=_("“%(name)s”已保存。") % {"name": data.name})


@post("/desk/people/{person_id:str}/roles", opt=STAFF, include_in_schema=False, status_code=200)
async def grant(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Another role."""
    id_, values = id_in_path(person_id), await read_form(request)
    try:
        given = _with_organisation(msgspec.structs.asdict(parse_form(GrantForm, values)))
        await commands.grant_role(actor, now, person_id=id_, **given)
    except InvalidError as error:
        form = FormState.refused(values, error, grant_order())
        return await _person(request, actor, now, id_, grant=form, status=422)
    except RoleAlreadyGrantedError as error:
        return await _person(request, actor, now, id_, grant=FormState(values), refusal=error)
    return back_to(f"/desk/people/{id_}", saying=_("角色已加上。"))


@post("/desk/people/roles/{grant_id:str}/end", opt=STAFF, include_in_schema=False, status_code=200)
async def end_role(
    request: AnyRequest, grant_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A role is over from now on."""
    person_id = await commands.end_role(actor, now, grant_id=id_in_path(grant_id))
    return back_to(f"/desk/people/{person_id}", saying=_("角色已结束。"))


@post("/desk/people/{person_id:str}/entry-code", opt=STAFF, include_in_schema=False, status_code=200)
async def issue_code(
    request: AnyRequest,
    person_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """A slip to print and hand over; it is shown on this answer and never again."""
    id_ = id_in_path(person_id)
    try:
        issued = await commands.issue_entry_code(actor, now, person_id=id_)
    except NoLoginNameError as error:
        return await _person(request, actor, now, id_, refusal=error)
    return slip(request, issued, settings.base_url, f"/desk/people/{id_}")


def _with_organisation(given: dict[str, Any]) -> dict[str, Any]:
    raw = given["organisation_id"]
    if given["role"] is Role.ADMINISTRATOR or not raw:
        return {**given, "organisation_id": None}
    return {**given, "organisation_id": id_of_field("organisation_id", raw)}


async def _choices(actor: Actor, including: object = None) -> dict[str, Any]:
    roles = [Role.CONTACT, Role.ORGANISER, Role.PROVIDER, Role.EVALUATOR]
    if actor.is_administrator:
        roles.append(Role.ADMINISTRATOR)
    chosen = _uuid(including)
    options = await queries.organisation_options(actor, including=chosen)
    return {"roles": role_options(roles), "organisations": [(one.id, one.label) for one in options]}


def _uuid(given: object) -> UUID | None:
    try:
        return UUID(str(given))
    except ValueError:
        return None


async def _new(request: AnyRequest, actor: Actor, form: FormState, *, status: int = 200) -> Response[Any]:
    return page(request, "accounts/new_person.html", status=status, form=form, **await _choices(actor))


async def _person(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    *,
    form: FormState | None = None,
    typed: dict[str, Any] | None = None,
    grant: FormState | None = None,
    refusal: OutreachError | None = None,
    status: int = 200,
) -> Response[Any]:
    person, today = await queries.person_by_id(person_id, actor), local_day(now)
    held = await queries.held_by(person_id, today)
    if person is None or not may_see_person(actor, held):
        raise NotFoundError
    if refusal is not None:
        status = 409 if isinstance(refusal, StaleError) else status_of(refusal)
    values = {**_values(person), **(typed or {}), "revision": person.revision}
    return page(
        request,
        "accounts/person.html",
        status=status,
        person=person,
        form=form or FormState(values),
        grant=PrefixedForm.of("role", grant or FormState({"role": Role.CONTACT.value})),
        refusal=message_of(refusal) if refusal else None,
        may_manage=may_manage_person(actor, held),
        held_elsewhere=len(held) > len(person.grants),
        leaves=await leaves_of(person_id, today),
        role_text=role_text,
        today=today,
        **await _choices(actor),
    )


def _values(person: PersonRow) -> dict[str, Any]:
    return {
        "name": person.name,
        "login_name": person.login_name,
        "phone": person.phone,
        "disabled": person.disabled_at is not None,
        "revision": person.revision,
    }


ROUTES = [people_page, new_page, create, person_page, change, grant, end_role, issue_code]
