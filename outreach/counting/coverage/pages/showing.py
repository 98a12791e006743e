"""The one page of coverage, whatever was asked or refused on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.queries import OrganisationRow, organisations
from outreach.counting.coverage.access import cut_asked, readable_owner
from outreach.counting.coverage.drawing import ramp_chart
from outreach.counting.coverage.forms import goal_field, ramp_order, ramp_values, service_order, years_of
from outreach.counting.coverage.news import bar_of, coverage_news, ramp_finding
from outreach.counting.coverage.queries import coverage_of, ramp_of
from outreach.programmes.coverage.queries import GoalRow, goals_for, outside_services
from outreach.programmes.domain.permissions import may_change_programme
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, new_id
from outreach.shared.time import local_day
from outreach.web.forms import FormState
from outreach.web.templates import page

__all__ = ["AnyRequest", "Asked", "asked_of", "own_goals", "show"]

AnyRequest = Request[Any, Any, Any]

PER_PAGE = 10
#: Direct children that the form of a service offers; more are no choice.
MOST_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose coverage, of which year, cut at which day, as the address says."""

    owner: OrganisationRow
    year: int
    as_of: date
    query: Mapping[str, str]

    def address(self, path: str = "", **changed: str) -> str:
        """``/desk/coverage…`` that keeps what was asked."""
        query = {name: value for name, value in {**self.query, **changed}.items() if value}
        return f"/desk/coverage{path}" + (f"?{urlencode(query)}" if query else "")


async def asked_of(actor: Actor, now: datetime, organisation: str, year: int | None, as_of: date | None) -> Asked:
    """What the address asks for.

    Raises:
        NotFoundError, ForbiddenError: not the caller's organisation.
        InvalidError: the day is no year of ours.
    """
    owner = await readable_owner(actor, id_in_path(organisation) if organisation else None)
    shown, day = cut_asked(year, as_of, now)
    query = {
        "organisation": str(owner.id) if organisation else "",
        "year": str(year) if year else "",
        "as_of": as_of.isoformat() if as_of else "",
    }
    return Asked(owner, shown, day, query)


def own_goals(asked: Asked, goals: list[GoalRow]) -> list[GoalRow]:
    """Those of the organisation itself."""
    return [one for one in goals if one.organisation_id == asked.owner.id]


async def show(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    asked: Asked,
    *,
    ramp: FormState | None = None,
    proposed: bool = False,
    service: FormState | None = None,
    removal: tuple[str, FormState] | None = None,
    after: str = "",
    status: int = 200,
) -> Response[Any]:
    """The page, with the form that was refused as it was typed."""
    coverage = await coverage_of(asked.owner.id, year=asked.year, as_of=asked.as_of)
    points = await ramp_of(coverage)
    goals = await goals_for(asked.owner.id)
    own = own_goals(asked, goals)
    ramp = ramp or FormState(ramp_values(own, asked.year), {}, ramp_order(years_of(ramp_values(own, asked.year))))
    found = await outside_services(asked.owner.path, asked.year, limit=PER_PAGE, after=after or None)
    return page(
        request,
        "counting/coverage.html",
        status=status,
        asked=asked,
        coverage=coverage,
        lede=coverage_news(coverage),
        bar_of=lambda row: bar_of(coverage, row),
        chart=ramp_chart(points) if points else None,
        finding=ramp_finding(coverage),
        years=_years(goals, asked.year, now),
        may_change=may_change_programme(actor, asked.owner.path),
        form=_refused(ramp, service),
        ramp=ramp,
        ramp_years=[(year, goal_field(year)) for year in years_of(ramp.values)],
        inherited=[one for one in goals if one.organisation_id != asked.owner.id],
        proposed=proposed,
        service=service or _new_service(asked, now),
        units=await _units(actor, asked),
        services=found,
        paging={
            "total": found.total,
            "before": asked.address() if after else None,
            "after": asked.address(after=found.next) if found.next else None,
        },
        removal=removal,
        links={one.organisation_id: _below(asked, one.organisation_id) for one in coverage.by_organisation},
    )


def _refused(ramp: FormState, service: FormState | None) -> FormState:
    """The form whose errors stand under the title."""
    return service if service is not None and service.errors else ramp


def _new_service(asked: Asked, now: datetime) -> FormState:
    values = {"organisation_id": asked.owner.id, "on": local_day(now), "form_key": new_id()}
    return FormState(values, {}, service_order())


def _years(goals: list[GoalRow], shown: int, now: datetime) -> list[int]:
    """The years that a tab leads to: those with a goal that have begun, this one, the one shown."""
    today = local_day(now).year
    return sorted({shown, today, *(one.year for one in goals if one.year <= today)}, reverse=True)


async def _units(actor: Actor, asked: Asked) -> list[tuple[str, str]]:
    """Whose members a service may have been for: all of the owner's, or those of a unit directly below."""
    found = await organisations(actor, parent_id=asked.owner.id, with_closed=False, limit=MOST_UNITS)
    none = (OrganisationKind.GUEST, OrganisationKind.WOMENS_COMMITTEE)
    return [
        (str(asked.owner.id), _("%(name)s（不分单位）") % {"name": asked.owner.name}),
        *((str(one.id), one.name) for one in found.items if one.kind not in none),
    ]


def _below(asked: Asked, organisation_id: UUID | None) -> str:
    """The same page of a unit below."""
    return asked.address(organisation=str(organisation_id)) if organisation_id else ""
