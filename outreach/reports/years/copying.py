"""Programmes, menu and targets of a year, carried over into the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from math import isfinite
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.evaluation.domain.verdicts import Decision
from outreach.evaluation.verdicts import VerdictRow, verdicts_of
from outreach.events.commands.copying import copy_menu_within
from outreach.programmes.commands.storing import insert_programme, year_within
from outreach.programmes.domain.promise import ProgrammeFacts, TargetFacts, programme_problems, year_problems
from outreach.programmes.queries import ProgrammeRow, TargetRow, programmes_of_year, targets_of
from outreach.reports.years.queries import YearToClose
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, UnavailableError

__all__ = ["Copied", "Copyable", "copy_year", "copyable", "value_of"]

_MOST = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Copyable:
    """A programme that can be carried over. ``known``: the next year has one with its code already."""

    programme: ProgrammeRow
    targets: tuple[TargetRow, ...]
    items: int
    verdict: VerdictRow | None
    known: bool

    @property
    def suggested(self) -> bool:
        """What was decided to be dropped is not carried over unless somebody says so."""
        return not self.known and (self.verdict is None or self.verdict.decision is not Decision.DROP)


@dataclass(frozen=True, slots=True)
class Copied:
    """What was made; ``already``: names of programmes that the next year had before, and which stayed as they are."""

    year: int
    programmes: int
    targets: int
    items: int
    already: tuple[str, ...]


async def copyable(year: YearToClose) -> list[Copyable]:
    """The programmes of exactly this organisation and year, in the notice's order; five statements."""
    found = await programmes_of_year(year.year, year.organisation_path)
    ours = [one for one in found if one.organisation_id == year.organisation_id]
    ids = [one.id for one in ours]
    targets, verdicts = await targets_of(ids), await verdicts_of(ids)
    items = {
        one["programme"]: one["items"]
        for one in await db.rows(
            """SELECT programme, count(*)::int AS items FROM events_event
                WHERE programme = ANY($1::uuid[]) AND active GROUP BY programme""",
            ids,
        )
    }
    known = await _codes(year.organisation_id, year.year + 1)
    return [
        Copyable(
            programme=one,
            targets=tuple(targets[one.id]),
            items=items.get(one.id, 0),
            verdict=verdicts.get(one.id),
            known=one.code in known,
        )
        for one in ours
    ]


async def _codes(organisation_id: UUID, year: int) -> set[str]:
    rows = await db.rows(
        "SELECT code FROM programmes_programme WHERE organisation = $1 AND year = $2", organisation_id, year
    )
    return {one["code"] for one in rows}


async def copy_year(
    actor: Actor,
    now: datetime,
    *,
    year: YearToClose,
    chosen: Sequence[UUID],
    values: Mapping[UUID, float],
) -> Copied:
    """Carry programmes with their menu, rules and targets over into the next year; each once, again changes nothing.

    Without dates, budget and account in words: those are the new notice's. A target keeps the notice's wording only
    while its value stays or is the one promised for that year, and the values of several years only while the new one
    is among them.

    Args:
        chosen: programmes of ``year``.
        values: new values by target; those left out stay, or are what was promised for the next year.

    Raises:
        NotFoundError: the actor does not run the organisation.
        ClosedYearError: the next year is closed.
        UnavailableError: somebody made a programme with the same code at this moment.
        InvalidError: nothing is chosen, or not of this year (``programmes``); a bad value (``value-<target>``).
    """
    if not actor.organises(year.organisation_path):
        raise NotFoundError
    following = year.year + 1
    there = {one.programme.id: one for one in await copyable(year)}
    picked = [one for id_, one in there.items() if id_ in chosen]
    problems = _problems(chosen, there, values, following)
    drafts = {one.programme.id: _facts(one, values, following) for one in picked} if not problems else {}
    for facts in drafts.values():
        problems += programme_problems(facts, following)
    if problems:
        raise InvalidError(problems)
    async with atomic({"programmes_programme_code_once": lambda: UnavailableError(retry_after=1)}):
        # Two who carry over at once take their turns; the year itself is only held open, as for any new programme.
        await db.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('year-copy:' || $1::text, 0))", str(year.organisation_id)
        )
        year_id = await year_within(year.organisation_id, following, now, title="")
        known = await _codes(year.organisation_id, following)
        already = tuple(one.programme.name for one in picked if one.programme.code in known)
        new = [one for one in picked if one.programme.code not in known]
        if not new:
            return Copied(following, 0, 0, 0, already)
        await _keep_limit_within(year, year_id)
        items = 0
        for one in new:
            items += await _copy_within(actor, now, year, following, one, drafts[one.programme.id])
        made = Copied(following, len(new), sum(len(one.targets) for one in new), items, already)
        await note_within(
            actor,
            now,
            "year.copied",
            "year",
            year_id,
            organisation_id=year.organisation_id,
            facts={
                "year": following,
                "from_year": year.year,
                "programmes": [one.programme.code for one in new],
                "targets": made.targets,
                "items": items,
            },
        )
    return made


def _problems(
    chosen: Sequence[UUID], there: Mapping[UUID, Copyable], values: Mapping[UUID, float], following: int
) -> list[FieldProblem]:
    problems = year_problems(following)
    if not chosen:
        problems.append(FieldProblem("programmes", "nothing-chosen"))
    elif any(id_ not in there for id_ in chosen):
        problems.append(FieldProblem("programmes", "not-found"))
    ours = {target.id for id_ in chosen if id_ in there for target in there[id_].targets}
    problems += [
        FieldProblem(f"value-{id_}", "not-a-target-value")
        for id_, value in values.items()
        if id_ in ours and not (isfinite(value) and 0 < value <= _MOST)
    ]
    return problems


def _facts(one: Copyable, values: Mapping[UUID, float], following: int) -> ProgrammeFacts:
    row = one.programme
    names = [each.name for each in fields(ProgrammeFacts) if each.name not in ("short_name", "targets")]
    facts = ProgrammeFacts(short_name=row.short, **{name: getattr(row, name) for name in names})
    targets = tuple(
        _target(target, values.get(target.id, value_of(target, following)), following) for target in one.targets
    )
    return replace(facts, account="", budget_yuan=None, targets=targets)


def value_of(row: TargetRow, following: int) -> float:
    """What a target is in the next year unless somebody says otherwise: what was promised for it, else as this year."""
    return dict(row.ramp).get(following, row.value)


def _target(row: TargetRow, value: float, following: int) -> TargetFacts:
    names = [each.name for each in fields(TargetFacts)]
    facts = TargetFacts(**{name: getattr(row, name) for name in names})
    ramp = facts.ramp if dict(facts.ramp).get(following) == value else ()
    return replace(facts, value=value, ramp=ramp, wording=facts.wording if ramp or value == row.value else "")


async def _keep_limit_within(year: YearToClose, following_id: UUID) -> None:
    """The limit of a unit over the whole year, where the next one has none yet."""
    await db.execute(
        """UPDATE programmes_year SET max_per_organisation = (SELECT max_per_organisation FROM programmes_year
                                                               WHERE id = $1)
            WHERE id = $2 AND max_per_organisation IS NULL""",
        year.id,
        following_id,
    )


async def _copy_within(
    actor: Actor, now: datetime, year: YearToClose, following: int, one: Copyable, facts: ProgrammeFacts
) -> int:
    taken = await db.value(
        "SELECT count(*) FROM programmes_programme WHERE organisation = $1 AND year = $2 AND position = $3",
        year.organisation_id,
        following,
        one.programme.position,
    )
    last = await db.value(
        "SELECT coalesce(max(position), 0) FROM programmes_programme WHERE organisation = $1 AND year = $2",
        year.organisation_id,
        following,
    )
    position = last + 1 if taken else one.programme.position
    made = await insert_programme(year.organisation_id, following, position, facts, now)
    await db.execute(
        """UPDATE programmes_programme SET real_names = (SELECT real_names FROM programmes_programme WHERE id = $1)
            WHERE id = $2""",
        one.programme.id,
        made,
    )
    items = await copy_menu_within(one.programme.id, made, now)
    await note_within(
        actor,
        now,
        "programme.created",
        "programme",
        made,
        organisation_id=year.organisation_id,
        facts={"code": facts.code, "year": following, "copied_from": str(one.programme.id), "items": items},
    )
    return items
