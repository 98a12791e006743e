"""What the template offers to choose from: names of the own part of the tree."""

from collections.abc import Mapping, Sequence
from datetime import date

from outreach.imports.domain.columns import Kind
from outreach.imports.rules.lookups import TWICE
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["LISTS", "lists_for"]

#: A longer list helps nobody to choose.
_MOST = 1000

_OWN = "EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))"
_KNOWN = "EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine) OR starts_with(mine, o.path))"
_YEARS = "p.year BETWEEN $2::int - 1 AND $2::int + 1"

LISTS: dict[str, str] = {
    "units": """WITH {twice}
        SELECT CASE WHEN t.name IS NULL THEN o.name ELSE o.code END AS word FROM accounts_organisation o
          LEFT JOIN twice t ON t.name = o.name WHERE {own} AND o.closed_on IS NULL AND $2::int > 0 ORDER BY o.path""",
    "districts": """SELECT word FROM (SELECT o.district AS word, o.path FROM accounts_organisation o
        WHERE {own} AND o.district <> '' AND $2::int > 0) d GROUP BY word ORDER BY min(path)""",
    "programmes": """SELECT p.name AS word FROM programmes_programme p
        JOIN accounts_organisation o ON o.id = p.organisation WHERE {known} AND {years}
        GROUP BY p.name ORDER BY min(p.position)""",
    "own_programmes": """SELECT p.name AS word FROM programmes_programme p
        JOIN accounts_organisation o ON o.id = p.organisation WHERE {own} AND {years}
        GROUP BY p.name ORDER BY min(p.position)""",
    "years": """SELECT p.year::text AS word FROM programmes_programme p
        JOIN accounts_organisation o ON o.id = p.organisation WHERE {own} AND {years}
        GROUP BY p.year ORDER BY p.year""",
    "event_kinds": """SELECT word FROM (SELECT unnest(p.kinds) AS word, p.position FROM programmes_programme p
        JOIN accounts_organisation o ON o.id = p.organisation WHERE {own} AND {years}) k
        GROUP BY word ORDER BY min(position), word""",
    "events": """SELECT e.title AS word FROM events_event e JOIN programmes_programme p ON p.id = e.programme
        JOIN accounts_organisation o ON o.id = p.organisation WHERE {known} AND {years} AND e.active
        GROUP BY e.title ORDER BY min(p.position), e.title""",
    "providers": """SELECT r.name AS word FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
        WHERE {own} AND r.active AND $2::int > 0 GROUP BY r.name ORDER BY r.name""",
    "venues": """SELECT r.name AS word FROM events_venue r JOIN accounts_organisation o ON o.id = r.organisation
        WHERE {own} AND r.active AND $2::int > 0 GROUP BY r.name ORDER BY r.name""",
    "targets": """SELECT coalesce(nullif(t.label, ''), nullif(t.wording, ''), t.key) AS word FROM programmes_target t
        JOIN programmes_programme p ON p.id = t.programme JOIN accounts_organisation o ON o.id = p.organisation
        WHERE {own} AND {years} AND t.metric = 'tally' GROUP BY 1 ORDER BY min(p.position)""",
}


async def lists_for(actor: Actor, kind: Kind, today: date) -> Mapping[str, Sequence[str]]:
    """The lists that the kind's columns offer."""
    wanted = dict.fromkeys(one.listed for one in kind.columns if one.listed)
    found = {}
    for key in wanted:
        sql = LISTS[key].format(twice=TWICE, own=_OWN, known=_KNOWN, years=_YEARS)
        rows = await db.rows(f"{sql} LIMIT {_MOST}", list(actor.organised_paths), today.year)
        found[key] = [one["word"] for one in rows]
    return found
