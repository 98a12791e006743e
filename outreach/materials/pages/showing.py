"""What the pages of materials share: why one came back, choices, the page of a round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response

from outreach.accounts.forms import PrefixedForm
from outreach.accounts.queries import organisation_options
from outreach.materials.applications import applications_of_round
from outreach.materials.commands.attaching import follow_ups_of, linkable_sessions, scans_of
from outreach.materials.domain.allocation import HAZARD_PERCENTS
from outreach.materials.domain.states import RoundState
from outreach.materials.forms import apply_order
from outreach.materials.queries import RoundRow, kept_round
from outreach.materials.wording import (
    APPLICATION_MARKS,
    MOVEMENT_WORDS,
    ROUND_MARKS,
    application_text,
    movement_text,
    next_step,
    round_news,
    round_steps,
    round_text,
    why_proposed,
)
from outreach.programmes.domain.targets import Counting, Metric
from outreach.programmes.queries import programmes_of_year, targets_of
from outreach.programmes.wording import target_name
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, OutreachError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import new_id
from outreach.shared.time import local_day
from outreach.web.forms import FormState
from outreach.web.problems import message_of, status_of
from outreach.web.templates import page

__all__ = ["STAFF", "WORDS", "AnyRequest", "Trouble", "forms_of", "promise_options", "round_page", "trouble_of"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
#: Units of one page of a round.
PER_PAGE = 200

#: What the templates say of states.
WORDS: dict[str, Any] = {
    "ROUND_MARKS": ROUND_MARKS,
    "APPLICATION_MARKS": APPLICATION_MARKS,
    "MOVEMENT_WORDS": MOVEMENT_WORDS,
    "round_text": round_text,
    "application_text": application_text,
    "movement_text": movement_text,
    "next_step": next_step,
    "why_proposed": why_proposed,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a page came back; ``where``: the form that was refused, by its name on the page."""

    where: str
    status: int
    form: FormState
    refusal: tuple[str, str] | None = None


def trouble_of(
    where: str, values: dict[str, Any], error: OutreachError, order: list[tuple[str, str]] | None = None
) -> Trouble:
    """The page's trouble after a refusal; what was typed stays."""
    if isinstance(error, InvalidError):
        return Trouble(where, 422, FormState.refused(values, error, order or []))
    return Trouble(where, status_of(error), FormState(values, {}, order or []), message_of(error))


async def promise_options(organisation_id: UUID, year: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Programmes of this year and the one before that the owner itself promised, each with the targets that hand-outs
    may count for."""
    found = [*await programmes_of_year(year), *await programmes_of_year(year - 1)]
    own = [one for one in found if one.organisation_id == organisation_id]
    targets = await targets_of([one.id for one in own])
    options = []
    for one in own:
        counted = [t for t in targets[one.id] if t.metric is Metric.TALLY and t.counting is Counting.FLOW]
        lines = [
            (f"{one.id}:{t.id}", _("%(target)s（%(unit)s）") % {"target": _name(t), "unit": t.unit}) for t in counted
        ]
        heading = _("%(year)s年，%(name)s") % {"year": one.year, "name": one.name}
        options.append((heading, [*lines, (str(one.id), _("不计入指标"))]))
    # What has a target that counts hand-outs comes first.
    return sorted(options, key=lambda pair: len(pair[1]) == 1)


def _name(target: Any) -> str:
    return target_name(target.label, target.metric, target.basis)


async def round_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    round_id: UUID,
    trouble: Trouble | None = None,
    *,
    after: str = "",
) -> Response[Any]:
    """The page of one round, for who runs it."""
    row, today = await kept_round(actor, round_id), local_day(now)
    found = await applications_of_round(round_id, limit=PER_PAGE, after=after or None)
    here = f"/desk/materials/rounds/{round_id}"
    may_enter = row.state in (RoundState.APPLYING, RoundState.GATHERED)
    return page(
        request,
        "materials/round.html",
        status=trouble.status if trouble else 200,
        r=row,
        here=here,
        today=today,
        rows=found.items,
        paging={
            "total": found.total,
            "before": here if after else None,
            "after": f"{here}?after={found.next}" if found.next else None,
        },
        news=round_news(row, today),
        steps=round_steps(row),
        units=await _units(actor, row) if may_enter else [],
        scans=await scans_of(round_id),
        follow_ups=await follow_ups_of(round_id),
        linkable=[] if row.state is RoundState.CANCELLED else await linkable_sessions(row),
        trouble=trouble,
        form=forms_of(trouble, apply_order()),
        key=str(new_id()),
        hazards=HAZARD_PERCENTS,
        **WORDS,
    )


def forms_of(trouble: Trouble | None, order: Sequence[tuple[str, str]] = ()) -> Callable[..., PrefixedForm]:
    """The state of a named form of the page: what was refused in the one that was sent, else what is given here.

    The name goes before the ids of its fields, since a page has several forms.
    """

    def state(where: str, **values: Any) -> PrefixedForm:
        sent = trouble is not None and trouble.where == where
        return PrefixedForm.of(where, trouble.form if trouble and sent else FormState(values, {}, order))

    return state


async def _units(actor: Actor, row: RoundRow) -> list[tuple[str, str]]:
    options = await organisation_options(actor)
    return [(str(one.id), one.label) for one in options if one.path.startswith(row.organisation_path)]
