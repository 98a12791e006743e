"""The hub of 管理, and the organisations of the part of the tree that staff run."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts import commands, queries
from outreach.accounts.browser import AnyRequest
from outreach.accounts.commands import OrganisationChanges
from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.domain.permissions import (
    may_change_organisation,
    may_place_below,
    may_read_organisation,
    may_set_up,
)
from outreach.accounts.forms import OrganisationForm, organisation_order
from outreach.accounts.leave.queries import away_on
from outreach.accounts.queries import OrganisationRow
from outreach.accounts.requests.queries import waiting_requests
from outreach.accounts.wording import kind_options, kind_text, ownership_options, role_text
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

STAFF = {"staff": True}
PER_PAGE = 50


@get("/desk/manage", opt=STAFF, include_in_schema=False)
async def manage_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Where everything that is set up once in a while is found."""
    asking = await waiting_requests(actor)
    asked = _("有%(count)s份等着办：先打电话核实，再发登录码") % {"count": asking}
    links = [
        *([(_("开始使用"), "/desk/guide", _("第一次用时一步一步来，随时回来"))] if may_set_up(actor) else []),
        *([(_("网站名称"), "/desk/site", _("每一页上面和下面写的名字、电话"))] if actor.is_administrator else []),
        (_("组织"), "/desk/organisations", _("工会组织树：编码、类别、上级、会员数")),
        (_("人员"), "/desk/people", _("谁在哪个单位做什么，发登录码")),
        (_("联系人申请"), "/desk/requests", asked if asking else _("没有账号的人申请做单位联系人")),
        (_("工作交接"), "/desk/handovers", _("换人时把预约、点单、角色交给接手的人，打印交接单")),
        (_("重复的人员"), "/desk/merges", _("同一个人建了两次的，合成一个，可以撤回")),
        (_("项目和指标"), "/desk/programmes", _("一年里承诺的服务和数字，对外公布")),
        (_("菜单"), "/desk/events", _("各单位可以预约和点单的讲座、演出、课程")),
        (_("讲师团队"), "/desk/providers", _("讲师、文艺团队，专长和可用时间")),
        (_("场地"), "/desk/venues", _("地点、容量、同时可用的厅室")),
        (_("开放预约"), "/desk/openings", _("分批开放的时间，对谁开放，各区名额")),
        (_("路程"), "/desk/travel", _("区和区之间路上要多少分钟，排场次时用来提醒")),
        (_("节假日和活动时段"), "/desk/holidays", _("日历上的休息日和调休、节日、送温暖等活动时段")),
        (_("待结项"), "/desk/closing", _("办过还没有结项的场次，缺什么，一起结项")),
        (_("参加人怎么说"), "/desk/opinions", _("讲师、团队、题目的分数，大家最想改什么")),
        (_("统计表"), "/desk/statistics", _("上级要的统计表：按规则取数、逐级汇总")),
        (_("覆盖率"), "/desk/coverage", _("服务了多少会员，离目标还差多少")),
        (_("项目评分"), "/desk/scorecard", _("参与、满意、花费、覆盖，来年保留、调整还是取消")),
        (_("评估人看到的"), "/evaluation", _("第三方评估用的数据，姓名都换成代号")),
        (_("用表格导入导出"), "/desk/imports", _("组织、人员、讲师团队、场地、菜单、全年排期、补录、填报，先核对再存")),
        (_("菜单、通知和函"), "/desk/letters", _("一季的菜单、开放预约通知、给单位的确认函，模板可以改")),
        (_("巡回"), "/desk/tours", _("一支队伍几天跑几家单位，按路程排顺序，一次建好场次")),
        (_("物资"), "/desk/materials", _("手册、丛书：库存、申报、分配、发放、签收")),
        (_("年度结账"), "/desk/years", _("看还有什么没办完，结账，把项目和指标带到来年")),
        (_("待通知清单"), "/desk/to-tell", _("没有邮箱的单位，打电话或发微信告诉")),
        (_("没送到的消息"), "/desk/messages", _("没发出去的邮件和短信，为什么，再发一次")),
        (_("通知怎么写"), "/desk/wordings", _("改通知的标题和正文，先看样子")),
        (_("群机器人和系统对接"), "/desk/hooks", _("有变动时自动告诉工作群和别的系统")),
        (_("操作日志"), "/desk/journal", _("谁在什么时候做了什么，为什么")),
    ]
    return page(request, "accounts/manage.html", links=links)


@get("/desk/organisations", opt=STAFF, include_in_schema=False)
async def organisations_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    district: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """The tree as a list, with search."""
    wanted = {"q": q[:100], "kind": kind if kind in set(OrganisationKind) else "", "district": district[:40]}
    found = await queries.organisations(
        actor,
        text=wanted["q"] or None,
        kind=OrganisationKind(wanted["kind"]) if wanted["kind"] else None,
        district=wanted["district"] or None,
        limit=PER_PAGE,
        after=after or None,
    )
    return page(
        request,
        "accounts/organisations.html",
        rows=found.items,
        wanted=wanted,
        kinds=kind_options(),
        districts=await queries.districts(actor),
        kind_text=kind_text,
        may_change=lambda row: may_change_organisation(actor, row.path),
        paging=_paging("/desk/organisations", wanted, found.next, found.total, begun=bool(after)),
    )


def _paging(path: str, wanted: dict[str, str], next_: str | None, total: int, *, begun: bool) -> dict[str, Any]:
    given = {name: value for name, value in wanted.items() if value}
    after = f"{path}?{urlencode({**given, 'after': next_})}" if next_ else None
    first = f"{path}?{urlencode(given)}" if given else path
    return {"total": total, "after": after, "first": first if begun else None}


@get("/desk/organisations/new", opt=STAFF, include_in_schema=False)
async def new_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], parent: FromQuery[str] = ""
) -> Response[Any]:
    """An empty form, below ``parent`` when that is given."""
    above = await queries.organisation_by_id(id_in_path(parent)) if parent else None
    if above is not None and not may_place_below(actor, above.path):
        above = None
    values = {"parent_id": above.id, "district": above.district} if above else {}
    return await _edit(request, actor, now, None, FormState(values))


@post("/desk/organisations/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """A new organisation."""
    values = await read_form(request)
    try:
        given = _parsed(values)
        for absent in ("closed_on", "revision"):
            given.pop(absent)
        made = await commands.create_organisation(actor, now, **given)
    except InvalidError as error:
        return await _edit(
            request, actor, now, None, FormState.refused(values, error, organisation_order()), status=422
        )
    return back_to(f"/desk/organisations/{made.id}", saying=_("已新建“%(name)s”。") % {"name": made.name})


@get("/desk/organisations/{organisation_id:str}", opt=STAFF, include_in_schema=False)
async def edit_page(
    request: AnyRequest, organisation_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """One organisation."""
    row = await _readable(actor, id_in_path(organisation_id))
    return await _edit(request, actor, now, row, FormState(_values(row)))


@post("/desk/organisations/{organisation_id:str}", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest,
    organisation_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What was changed of an organisation."""
    id_, values = id_in_path(organisation_id), await read_form(request)
    try:
        given = _parsed(values)
        seen = given.pop("revision")
        changes = cast("OrganisationChanges", given)
        stored = await commands.change_organisation(actor, now, id_, changes, expected_revision=seen)
    except InvalidError as error:
        form = FormState.refused(values, error, organisation_order())
        return await _edit(request, actor, now, await _readable(actor, id_), form, status=422)
    except StaleError:
        row = await _readable(actor, id_)
        kept = FormState({**values, "revision": row.revision})
        return await _edit(request, actor, now, row, kept, status=409, stale=True)
    return back_to(f"/desk/organisations/{id_}", saying=_("“%(name)s”已保存。") % {"name": stored.name})


def _parsed(values: dict[str, Any]) -> dict[str, Any]:
    data = parse_form(OrganisationForm, values)
    given = msgspec.structs.asdict(data)
    given["parent_id"] = id_of_field("parent_id", data.parent_id) if data.parent_id else None
    return given


async def _readable(actor: Actor, organisation_id: UUID) -> OrganisationRow:
    row = await queries.organisation_by_id(organisation_id)
    if row is None or not may_read_organisation(actor, row.path):
        raise NotFoundError
    return row


def _values(row: OrganisationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OrganisationForm.__struct_fields__}


async def _edit(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    row: OrganisationRow | None,
    form: FormState,
    *,
    status: int = 200,
    stale: bool = False,
) -> Response[Any]:
    options = await queries.organisation_options(actor, including=row.parent_id if row else None)
    below = [one for one in options if row is None or not one.path.startswith(row.path)]
    known = {one.id for one in below}
    found = await queries.persons(actor, now, organisation_id=row.id, limit=PER_PAGE) if row else None
    people = found.items if found else []
    parents = [(one.id, one.label) for one in below]
    if row is not None and row.parent_id is not None and row.parent_id not in known:
        parents.insert(0, (row.parent_id, row.parent_name or ""))
    return page(
        request,
        "accounts/organisation.html",
        status=status,
        row=row,
        form=form,
        stale=stale,
        may_change=row is None or may_change_organisation(actor, row.path),
        people=people,
        away=await away_on([one.id for one in people], local_day(now)),
        role_text=role_text,
        today=local_day(now),
        may_add_below=row is not None and may_place_below(actor, row.path),
        is_root_allowed=actor.is_administrator,
        parents=parents,
        kinds=kind_options(),
        kind_text=kind_text,
        ownerships=ownership_options(),
        districts=await queries.districts(actor),
    )


ROUTES = [manage_page, organisations_page, new_page, create, edit_page, change]
