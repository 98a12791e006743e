"""Copying programmes and targets from the documents that come with the program."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

from outreach.programmes.commands.programmes import create_programme_within
from outreach.programmes.commands.storing import CONFLICTS
from outreach.programmes.domain.promise import ProgrammeFacts, TargetFacts
from outreach.programmes.toml import Notice, notice_of, shipped_notices
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid

__all__ = ["Copied", "copy_programmes", "known_codes", "shipped"]


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of it; ``left_alone``: codes that the year had already, with the names that they have there."""

    programmes: int
    targets: int
    left_alone: tuple[tuple[str, str], ...]


@cache
def shipped() -> dict[str, Notice]:
    """The documents by name, ``suzhou-2015`` before ``yangpu-2017``."""
    return {name: notice_of(content) for name, content in sorted(shipped_notices().items())}


async def known_codes(organisation_id: UUID | None, year: int) -> dict[str, str]:
    """Codes of the programmes that the organisation has in the year, with their names."""
    if organisation_id is None:
        return {}
    rows = await db.rows(
        "SELECT code, name FROM programmes_programme WHERE organisation = $1 AND year = $2 ORDER BY position",
        organisation_id,
        year,
    )
    return {row["code"]: row["name"] for row in rows}


async def copy_programmes(
    actor: Actor, now: datetime, *, example: str, codes: Sequence[str], organisation_id: UUID, year: int
) -> Copied:
    """Make these programmes of a shipped document, with their targets, the organisation's of ``year``.

    A code that the year has already is left alone, so that a second time changes nothing. What names the bodies of
    another city stays behind; values by year move with the year.

    Raises:
        InvalidError: there is no such document or programme in it; the organisation is unknown to the actor.
        ForbiddenError: the actor does not run the organisation.
        ClosedYearError: the year is closed.
    """
    notice = shipped().get(example)
    if notice is None:
        raise invalid("example", "example-unknown")
    offered = {one.code: one for one in notice.programmes}
    if unknown := [code for code in codes if code not in offered]:
        raise invalid("programme", "programme-not-in-example", codes="、".join(unknown[:3]))
    chosen = [one for one in notice.programmes if one.code in set(codes)]
    async with db.atomic(CONFLICTS):
        # Two who copy at once into the same year: the second sees what the first made.
        await db.value("SELECT 1 FROM accounts_organisation WHERE id = $1 FOR NO KEY UPDATE", organisation_id)
        known = await known_codes(organisation_id, year)
        new = [one for one in chosen if one.code not in known]
        for facts in new:
            ours = _of_ours(facts, notice, year - notice.year)
            await create_programme_within(actor, now, organisation_id=organisation_id, year=year, facts=ours)
    return Copied(
        len(new),
        sum(len(one.targets) for one in new),
        tuple((one.code, known[one.code]) for one in chosen if one.code in known),
    )


def _of_ours(facts: ProgrammeFacts, notice: Notice, years: int) -> ProgrammeFacts:
    """The programme without what is another city's own. ``years``: how far its values by year move."""
    places = _places(notice.organisation)
    return replace(
        facts,
        department="",
        account="",
        reservable_by=tuple(one for one in facts.reservable_by if not any(place in one for place in places)),
        targets=tuple(_target_of_ours(one, places, years) for one in facts.targets),
    )


def _target_of_ours(target: TargetFacts, places: Sequence[str], years: int) -> TargetFacts:
    label, wording = target.label, target.wording
    for place in places:
        label, wording = label.replace(place, ""), wording.replace(place, "")
    return replace(
        target, label=label, wording=wording, ramp=tuple((year + years, value) for year, value in target.ramp)
    )


def _places(organisation: str) -> list[str]:
    """``苏州市总工会`` names 苏州市 and 苏州; that of a district its city as well; longer ones first."""
    area = organisation.removesuffix("总工会")
    found = {area}
    rest = area
    while rest:
        cut = min((at for sign in "省市区县" if (at := rest.find(sign)) > 0), default=-1)
        if cut < 0:
            break
        found |= {rest[: cut + 1], rest[:cut]}
        rest = rest[cut + 1 :]
    return sorted((one for one in found if len(one) > 1), key=len, reverse=True)
