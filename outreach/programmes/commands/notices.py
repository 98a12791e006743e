"""Loading a year's notice from its file."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.commands.organisations import create_organisation_within
from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.journal import note_within
from outreach.programmes.commands.storing import (
    CONFLICTS,
    insert_programme,
    insert_target,
    lock_year,
    update_programme,
    update_target,
    year_within,
)
from outreach.programmes.domain.errors import ProgrammesExistError
from outreach.programmes.domain.promise import ProgrammeFacts
from outreach.programmes.toml import Notice, notice_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import joined

__all__ = ["Loaded", "load_programmes", "load_programmes_within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What loading did. ``left_alone``: programmes and targets of the year that the file does not name."""

    organisation_id: UUID
    organisation: str
    organisation_is_new: bool
    year: int
    created: int
    updated: int
    targets: int
    left_alone: tuple[str, ...]

    def __str__(self) -> str:
        """What the console says."""
        words = _("%(organisation)s%(year)s年：新建%(created)s个项目，更新%(updated)s个，共%(targets)s项指标。") % {
            "organisation": self.organisation,
            "year": self.year,
            "created": self.created,
            "updated": self.updated,
            "targets": self.targets,
        }
        if self.organisation_is_new:
            words += "\n" + _("系统里没有这个组织，已新建。")
        if self.left_alone:
            words += "\n" + _("文件里没有、保持不动的：%(names)s") % {"names": joined(self.left_alone, language())}
        return words


async def load_programmes(
    content: str | bytes, *, now: datetime, update: bool = False, actor: Actor | None = None
) -> Loaded:
    """Load the file ``content`` (format: ``programmes/data``); ``actor`` is ``None`` for the keeper at the console.

    The organisation is found by its name; a federation of that name is made when there is none.

    Raises:
        InvalidError: names what is wrong in the file by programme, target and field; nothing was stored.
        ProgrammesExistError: the organisation has programmes of that year, and ``update`` was not asked for.
        ClosedYearError: the year is closed.
    """
    notice = notice_of(content.encode() if isinstance(content, str) else content)
    async with db.atomic(CONFLICTS):
        return await load_programmes_within(actor, now, notice=notice, update=update)


async def load_programmes_within(actor: Actor | None, now: datetime, *, notice: Notice, update: bool = False) -> Loaded:
    """Load ``notice`` inside the open transaction; see ``load_programmes``."""
    organisation_id, is_new = await _organisation(actor, now, notice.organisation)
    before = await _programmes(organisation_id, notice.year)
    if before and not update:
        raise ProgrammesExistError(organisation=notice.organisation, year=notice.year)
    year_id = await year_within(
        organisation_id,
        notice.year,
        now,
        title=notice.title,
        document=notice.document,
        submissions_due=notice.submissions_due,
    )
    await db.execute(
        "UPDATE programmes_year SET title = $2, document = $3, submissions_due = $4 WHERE id = $1",
        year_id,
        notice.title,
        notice.document,
        notice.submissions_due,
    )
    left_alone = [code for code in before if code not in {one.code for one in notice.programmes}]
    updated = 0
    for position, facts in enumerate(notice.programmes, 1):
        known = before.get(facts.code)
        if known is None:
            await insert_programme(organisation_id, notice.year, position, facts, now)
        else:
            updated += 1
            left_alone += await _update(known, position, facts, notice.named[facts.code], now)
    await note_within(
        actor,
        now,
        "year.loaded",
        "year",
        year_id,
        organisation_id=organisation_id,
        facts={"year": notice.year, "created": len(notice.programmes) - updated, "updated": updated},
    )
    return Loaded(
        organisation_id=organisation_id,
        organisation=notice.organisation,
        organisation_is_new=is_new,
        year=notice.year,
        created=len(notice.programmes) - updated,
        updated=updated,
        targets=sum(len(one.targets) for one in notice.programmes),
        left_alone=tuple(left_alone),
    )


async def _organisation(actor: Actor | None, now: datetime, name: str) -> tuple[UUID, bool]:
    found = await db.rows("SELECT id FROM accounts_organisation WHERE name = $1 ORDER BY length(path) LIMIT 2", name)
    if len(found) > 1:
        raise invalid("organisation", "organisation-ambiguous", name=name)
    if found:
        return found[0]["id"], False
    count = await db.value("SELECT count(*) FROM accounts_organisation WHERE parent IS NULL")
    code = f"ROOT-{count + 1:03d}"
    kind = OrganisationKind.CULTURE_PALACE if name.endswith("文化宫") else OrganisationKind.FEDERATION
    return await create_organisation_within(actor, now, code=code, name=name, kind=kind), True


async def _programmes(organisation_id: UUID, year: int) -> dict[str, UUID]:
    rows = await db.rows(
        "SELECT code, id FROM programmes_programme WHERE organisation = $1 AND year = $2 ORDER BY position FOR UPDATE",
        organisation_id,
        year,
    )
    if rows:
        await lock_year(organisation_id, year)
    return {row["code"]: row["id"] for row in rows}


#: What people write on the pages and a notice seldom knows: it stays where the file does not name it.
_KEPT = (
    "account",
    "short_name",
    "mark",
    "max_per_organisation",
    "cancel_hours",
    "two_step_orders",
    "offer_hours",
    "answer_hours",
    "closing_days",
    "remind_days",
    "remind_morning",
)


async def _update(
    programme_id: UUID, position: int, facts: ProgrammeFacts, named: frozenset[str], now: datetime
) -> list[str]:
    """Change one programme and its targets; return the targets that the file does not name."""
    row = await db.row(
        f"SELECT {', '.join(_KEPT)} FROM programmes_programme WHERE id = $1",  # noqa: S608 - names of columns
        programme_id,
    )
    assert row is not None  # locked above
    kept: dict[str, Any] = {name: row[name] for name in _KEPT if name not in named}
    await update_programme(programme_id, replace(facts, **kept))
    await db.execute("UPDATE programmes_programme SET position = $2 WHERE id = $1", programme_id, position)
    targets = {
        row["key"]: row["id"]
        for row in await db.rows("SELECT key, id FROM programmes_target WHERE programme = $1", programme_id)
    }
    for number, target in enumerate(facts.targets, 1):
        if target.key in targets:
            await update_target(targets[target.key], target)
            await db.execute("UPDATE programmes_target SET position = $2 WHERE id = $1", targets[target.key], number)
        else:
            await insert_target(programme_id, number, target, now)
    return [f"{facts.code}.{key}" for key in targets if key not in {target.key for target in facts.targets}]
