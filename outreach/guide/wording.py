"""What the steps of the first run are called, why they are there, what is there already, and where each is done."""

from dataclasses import dataclass
from uuid import UUID

from outreach.guide.domain.steps import Figures, Step
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase

__all__ = ["TITLES", "Link", "figure_text", "links_of", "title_of", "why_of"]

#: Chinese, to be translated when said; the journal keeps them as they are.
TITLES: dict[Step, str] = {
    Step.ORGANISATION: phrase("单位和名称"),
    Step.PEOPLE: phrase("同事"),
    Step.PROGRAMMES: phrase("项目和指标"),
    Step.UNITS: phrase("下级单位"),
    Step.CONTACTS: phrase("单位联系人"),
    Step.PROVIDERS: phrase("讲师和团队"),
    Step.MENU: phrase("菜单"),
    Step.VENUES: phrase("场地"),
    Step.SESSIONS: phrase("第一场"),
    Step.OPENING: phrase("开放预约"),
    Step.PAST: phrase("补录已办的场次"),
}

_WHY: dict[Step, str] = {
    Step.ORGANISATION: phrase("页头、报告和日历上写的名字，下级单位都挂在它下面。"),
    Step.PEOPLE: phrase("一个人休假、出差的时候，另一个人接得上。"),
    Step.PROGRAMMES: phrase("年初通知里承诺的服务和数字，以后办的每一场都和它比。"),
    Step.UNITS: phrase("谁来预约、点单，名额按区分给谁，都看这张名单。"),
    Step.CONTACTS: phrase("每个单位有一个人能登录，替单位预约、点单、报人次。"),
    Step.PROVIDERS: phrase("派单从这里挑人，同一个人撞了时间会拦住。"),
    Step.MENU: phrase("各单位可以约什么、点什么，每一场都从菜单里来。"),
    Step.VENUES: phrase("填了容量和厅室，就不会把两场排进同一间。"),
    Step.SESSIONS: phrase("发布以后各单位就看得到、约得上，也进了大家的日历。"),
    Step.OPENING: phrase("从几点开始约，先给哪些区，每个单位最多几场。不分批的可以跳过。"),
    Step.PAST: phrase("今年已经办过的也算进指标。没有办过就不用管这一步。"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is done: ``words`` say verb and object."""

    words: str
    href: str


def title_of(step: Step) -> str:
    """``项目和指标``."""
    return _(TITLES[step])


def why_of(step: Step) -> str:
    """One sentence of what it is for."""
    return _(_WHY[step])


def figure_text(step: Step, figures: Figures, organisation: str, site: str, year: int) -> str:
    """What is there already, such as ``已有12个单位。``; empty where there is nothing."""
    match step:
        case Step.ORGANISATION if figures.has_organisation:
            said = (
                _("单位是%(organisation)s，页头写“%(site)s”。")
                if figures.has_site
                else _("单位是%(organisation)s，页头的名字还没有改。")
            )
            return said % {"organisation": organisation, "site": site}
        case Step.PEOPLE if figures.colleagues:
            return _("另有%(number)s位同事能进工作台。") % {"number": figures.colleagues}
        case Step.PROGRAMMES if figures.programmes:
            said = (
                _("%(year)s年已有%(programmes)s个项目、%(targets)s项指标。")
                if figures.targets
                else _("%(year)s年已有%(programmes)s个项目，还没有指标。")
            )
            return said % {"year": year, "programmes": figures.programmes, "targets": figures.targets}
        case Step.CONTACTS if figures.contacts:
            said = _("已有%(number)s位联系人，管%(units)s个单位。")
            return said % {"number": figures.contacts, "units": figures.units_with_contact}
        case Step.SESSIONS if figures.published:
            said = _("已发布%(number)s场，另有%(drafts)s场草稿。") if figures.drafts else _("已发布%(number)s场。")
            return said % {"number": figures.published, "drafts": figures.drafts}
        case Step.SESSIONS if figures.drafts:
            return _("已有%(number)s场草稿，还没有发布。") % {"number": figures.drafts}
    said, number = {
        Step.UNITS: (_("已有%(number)s个单位。"), figures.units),
        Step.PROVIDERS: (_("已有%(number)s位讲师、团队。"), figures.providers),
        Step.MENU: (_("菜单里已有%(number)s项。"), figures.events),
        Step.VENUES: (_("已有%(number)s处场地。"), figures.venues),
        Step.OPENING: (_("已设%(number)s批。"), figures.openings),
        Step.PAST: (_("已办%(number)s场。"), figures.held),
    }.get(step, ("", 0))
    return said % {"number": number} if number else ""


def links_of(
    step: Step, figures: Figures, organisation_id: UUID | None, year: int, *, is_administrator: bool
) -> list[Link]:
    """Where a step is done; the first is the usual way."""
    of = f"?year={year}" + (f"&organisation={organisation_id}" if organisation_id else "")
    match step:
        case Step.ORGANISATION:
            return _links_of_organisation(organisation_id, year, is_administrator=is_administrator)
        case Step.PEOPLE:
            return [Link(_("加一位同事"), "/desk/people/new"), Link(_("从表格导入"), "/desk/imports/persons")]
        case Step.PROGRAMMES:
            return [
                Link(_("从通知录入"), f"/desk/programmes/from-notice{of}"),
                Link(_("一项一项填"), f"/desk/programmes/new{of}"),
                Link(_("照示例复制"), f"/desk/guide/examples{of}"),
                *([Link(_("看项目和指标"), f"/desk/programmes?year={year}")] if figures.programmes else []),
            ]
        case Step.UNITS:
            below = f"?parent={organisation_id}" if organisation_id else ""
            return [
                Link(_("从表格导入"), "/desk/imports/units"),
                Link(_("加一个单位"), f"/desk/organisations/new{below}"),
            ]
        case Step.CONTACTS:
            ways = [Link(_("从表格导入"), "/desk/imports/persons"), Link(_("加一位联系人"), "/desk/people/new")]
            return [*ways, Link(_("发登录码"), "/desk/people/entry-codes?role=contact")] if figures.contacts else ways
        case Step.PROVIDERS:
            return [Link(_("从表格导入"), "/desk/imports/providers"), Link(_("加一位"), "/desk/providers/new")]
        case Step.MENU:
            ways = [Link(_("从表格导入"), "/desk/imports/events"), Link(_("加一项"), "/desk/events/new")]
            return [*ways, Link(_("看菜单"), "/desk/events")]
        case Step.VENUES:
            return [Link(_("从表格导入"), "/desk/imports/venues"), Link(_("加一处"), "/desk/venues/new")]
        case Step.SESSIONS:
            drafts = Link(_("发布草稿"), "/desk/sessions?state=draft")
            ways = [
                Link(_("新建一场"), "/desk/sessions/new"),
                Link(_("从表格导入全年排期"), "/desk/imports/sessions"),
            ]
            return [drafts, *ways] if figures.drafts else ways
        case Step.OPENING:
            return [Link(_("设一批"), "/desk/openings/new"), Link(_("写开放预约通知"), "/desk/letters")]
        case Step.PAST:
            return [Link(_("从表格导入"), "/desk/imports/past"), Link(_("补录一场"), "/desk/sessions/past")]


def _links_of_organisation(organisation_id: UUID | None, year: int, *, is_administrator: bool) -> list[Link]:
    site = [Link(_("改页头的名字"), "/desk/site")] if is_administrator else []
    if organisation_id is None:
        return [Link(_("新建单位"), "/desk/organisations/new"), *site]
    return [
        *site,
        Link(_("改单位资料"), f"/desk/organisations/{organisation_id}"),
        Link(_("改通知标题"), f"/desk/programmes/years/{year}?organisation={organisation_id}"),
    ]
