"""What the pages of programmes share: whose programmes a page shows, and words for codes."""

from typing import Any

from litestar import Request

from outreach.accounts.queries import OrganisationRow, organisation_by_id, root_organisation
from outreach.programmes.access import run_programme
from outreach.programmes.domain.permissions import may_change_programme
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.programmes.queries import ProgrammeRow
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path

__all__ = [
    "STAFF",
    "AnyRequest",
    "changeable",
    "choices_of_targets",
    "own_organisation",
]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


async def changeable(actor: Actor, programme_id: str) -> ProgrammeRow:
    """The programme that a page changes.

    Raises:
        NotFoundError: the actor may not know of it.
        ForbiddenError: the actor does not run its owner.
    """
    return await run_programme(actor, id_in_path(programme_id))


async def own_organisation(actor: Actor, organisation: str = "") -> OrganisationRow:
    """The organisation named, or the first that the actor runs; an administrator's is the installation's.

    Raises:
        NotFoundError: there is none, or the actor does not run it.
    """
    if organisation:
        found = await organisation_by_id(id_in_path(organisation))
    else:
        run = [grant.organisation_id for grant in actor.grants if actor.organises(grant.path) and grant.organisation_id]
        found = await organisation_by_id(run[0]) if run else await root_organisation()
    if found is None or not may_change_programme(actor, found.path):
        raise NotFoundError
    return found


def choices_of_targets() -> dict[str, list[tuple[str, str]]]:
    """Codes with their words for the form of a target."""
    return {
        "metrics": [
            (Metric.SESSIONS, _("场次：办了几场")),
            (Metric.VISITS, _("人次：每场登记的人数相加")),
            (Metric.COURSES, _("课程：办过的不同题目")),
            (Metric.LECTURERS, _("讲师：菜单里在任的讲师")),
            (Metric.PEOPLE, _("人数：实名登记的不同的人")),
            (Metric.TALLY, _("填报：逐笔填数")),
        ],
        "bounds": [
            (Bound.AT_LEAST, _("以上、不少于")),
            (Bound.MORE_THAN, _("超过")),
            (Bound.ABOUT, _("左右")),
            (Bound.PLAIN, _("只写数字")),
        ],
        "countings": [
            (Counting.FLOW, _("累计：全年各笔相加")),
            (Counting.LEVEL, _("时点：最近一笔算数，例如在读、持卡")),
        ],
        "bases": [(Basis.ALL, _("全体")), (Basis.WORKERS, _("其中职工"))],
    }
