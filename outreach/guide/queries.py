"""How far the first run has come: asked of the data themselves, for one root organisation and one year."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.domain.organisations import depth_of
from outreach.accounts.queries import OrganisationRow, organisation_by_id, root_organisation
from outreach.counting.first_steps import FirstSteps
from outreach.guide.domain.steps import (
    WHOLE_GUIDE,
    Figures,
    Step,
    StepState,
    current_of,
    open_of,
    states_of,
    years_at_hand,
)
from outreach.guide.wording import title_of
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day

__all__ = ["Guide", "first_steps_of", "guide_of", "guided_organisation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How every step stands. ``organisation`` is missing where an administrator was made and nothing else yet."""

    organisation: OrganisationRow | None
    year: int
    years: tuple[int, ...]
    figures: Figures
    states: dict[Step, StepState]
    is_put_away: bool

    @property
    def left(self) -> list[Step]:
        return open_of(self.states)

    @property
    def is_through(self) -> bool:
        """Everything is done, and nothing was only skipped, which can be taken back."""
        return not self.left and StepState.SKIPPED not in self.states.values()

    @property
    def current(self) -> Step | None:
        return current_of(self.states)


async def guided_organisation(actor: Actor, organisation: str = "") -> OrganisationRow | None:
    """The root organisation that the actor sets up: the one named, else the one that they run.

    ``None``: there is none yet, and the actor is an administrator who makes it.

    Raises:
        NotFoundError: the one named is none, or none that the actor runs.
        ForbiddenError: the actor runs a part of the tree only.
    """
    if organisation:
        found = await organisation_by_id(id_in_path(organisation))
        if found is None or depth_of(found.path) or not actor.organises(found.path):
            raise NotFoundError
        return found
    if (home := _root_run_by(actor)) is not None:
        return await organisation_by_id(home[0])
    if not actor.is_administrator:
        raise ForbiddenError
    return await root_organisation()


async def guide_of(actor: Actor, now: datetime, organisation: OrganisationRow | None, year: int | None = None) -> Guide:
    """The guide of ``organisation``.

    Without ``year`` that of this year as soon as it has programmes, else of the latest year, which without any is this
    one. Next year's stands beside it from October on, when its notice is written.
    """
    if organisation is not None:
        asked = await _asked(actor, organisation.id, organisation.path, local_day(now), year)
        return replace(asked, organisation=organisation)
    nothing = Figures()
    return Guide(
        organisation=None,
        year=year or local_day(now).year,
        years=(),
        figures=nothing,
        states=states_of(nothing, ()),
        is_put_away=False,
    )


#: Guides that were seen to be through, so that the desk does not ask again all day long.
_through: set[tuple[UUID, int]] = set()


async def first_steps_of(actor: Actor, now: datetime) -> FirstSteps | None:
    """What the desk says of the first run: nothing once it is through, was put away, or years went before."""
    today = local_day(now)
    home = _root_run_by(actor)
    if home is None and actor.is_administrator:
        root = await root_organisation()
        if root is None:
            return _first_steps(await guide_of(actor, now, None))
        home = (root.id, root.path)
    if home is None or (home[0], today.year) in _through:
        return None
    guide = await _asked(actor, *home, today, None)
    if guide.figures.established or guide.is_through:
        _through.add((home[0], today.year))
    return _first_steps(guide)


def _first_steps(guide: Guide) -> FirstSteps | None:
    if guide.current is None or guide.figures.established or guide.is_put_away:
        return None
    return FirstSteps(len(guide.left), title_of(guide.current))


def _root_run_by(actor: Actor) -> tuple[UUID, str] | None:
    """Id and path of the first root that the actor is an organiser of."""
    for grant in actor.grants:
        if grant.role is Role.ORGANISER and grant.organisation_id is not None and not depth_of(grant.path):
            return grant.organisation_id, grant.path
    return None


async def _asked(actor: Actor, organisation_id: UUID, path: str, today: date, year: int | None) -> Guide:
    """Everything in one statement; ``organisation`` is left for the caller to fill in."""
    row = await db.row(_ASKED, path, year, actor.person_id, today, organisation_id)
    assert row is not None  # one row always
    told = dict(row)
    shown, years, skipped = told.pop("year"), told.pop("years"), set(told.pop("skipped"))
    figures = Figures(**told)
    return Guide(
        organisation=None,
        year=shown,
        years=tuple(sorted({*years, shown, *years_at_hand(today)}, reverse=True)),
        figures=figures,
        states=states_of(figures, skipped),
        is_put_away=WHOLE_GUIDE in skipped,
    )


#: $1 path of the root, $2 year or null for the one to begin with, $3 who asks, $4 today, $5 id of the root.
_ASKED = """
WITH tree AS MATERIALIZED (
    SELECT id, path FROM accounts_organisation WHERE starts_with(path, $1) AND closed_on IS NULL
), every AS (
    SELECT p.id, p.year FROM programmes_programme p JOIN tree ON tree.id = p.organisation
), asked AS (
    SELECT coalesce($2::int, (SELECT max(year) FROM every WHERE year = extract(year FROM $4::date)),
                    (SELECT max(year) FROM programmes_year WHERE organisation = $5),
                    extract(year FROM $4::date)::int) AS year
), live AS (
    SELECT g.person, g.role, g.organisation, g.from_on
      FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person AND p.disabled_at IS NULL
     WHERE g.until_on IS NULL OR g.until_on > $4
), contacts AS (
    SELECT live.person, live.organisation FROM live JOIN tree ON tree.id = live.organisation
     WHERE live.role = 'contact'
), programmes AS (
    SELECT every.id FROM every JOIN asked USING (year)
), sessions AS (
    SELECT s.state FROM events_session s JOIN programmes ON programmes.id = s.programme
)
SELECT asked.year,
       ARRAY(SELECT year FROM programmes_year WHERE organisation = $5) AS years,
       ARRAY(SELECT step FROM guide_step WHERE organisation = $5) AS skipped,
       true AS has_organisation,
       EXISTS (SELECT 1 FROM accounts_installation_fact WHERE name = 'site') AS has_site,
       (SELECT count(DISTINCT person) FROM live
         WHERE person <> $3 AND from_on <= $4
           AND (role = 'administrator'
                OR role = 'organiser' AND organisation IN (SELECT id FROM tree))) AS colleagues,
       (SELECT count(*) FROM programmes) AS programmes,
       (SELECT count(*) FROM programmes_target t JOIN programmes ON programmes.id = t.programme) AS targets,
       (SELECT count(*) FROM tree WHERE path <> $1) AS units,
       (SELECT count(DISTINCT person) FROM contacts) AS contacts,
       (SELECT count(DISTINCT organisation) FROM contacts) AS units_with_contact,
       (SELECT count(*) FROM events_event e JOIN programmes ON programmes.id = e.programme
         WHERE e.active) AS events,
       (SELECT count(*) FROM events_provider e JOIN tree ON tree.id = e.organisation
         WHERE e.active) AS providers,
       (SELECT count(*) FROM events_venue e JOIN tree ON tree.id = e.organisation WHERE e.active) AS venues,
       (SELECT count(*) FROM sessions WHERE state IN ('published', 'held', 'closed')) AS published,
       (SELECT count(*) FROM sessions WHERE state = 'draft') AS drafts,
       (SELECT count(*) FROM events_opening o JOIN programmes ON programmes.id = o.programme) AS openings,
       (SELECT count(*) FROM sessions WHERE state IN ('held', 'closed')) AS held,
       EXISTS (SELECT 1 FROM events_session s JOIN every ON every.id = s.programme JOIN asked ON every.year < asked.year
                WHERE s.state IN ('published', 'held', 'closed')) AS established
  FROM asked
"""
