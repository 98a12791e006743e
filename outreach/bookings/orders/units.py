"""Units that an order names by code or full name: who joins it (拼场), who supports it (协办)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from outreach.shared import db
from outreach.shared.text import clean_line

__all__ = ["Site", "named_units", "site_of", "split_names"]


@dataclass(frozen=True, slots=True)
class Site:
    """What the form starts with for a unit: its district, its superior, and where it was held last."""

    district: str
    parent_name: str
    address: str
    site_lacks: str


async def site_of(organisation_id: UUID) -> Site:
    """The unit's district and superior, and the site of its last order; one statement."""
    found = await db.row(
        """SELECT o.district, coalesce(p.name, '') AS parent_name, coalesce(last.address, '') AS address,
                  coalesce(last.district, o.district) AS site_district, coalesce(last.site_lacks, '') AS site_lacks
             FROM accounts_organisation o
             LEFT JOIN accounts_organisation p ON p.id = o.parent
             LEFT JOIN LATERAL (SELECT r.address, r.district, r.site_lacks FROM bookings_order r
                                 WHERE r.organisation = o.id ORDER BY r.id DESC LIMIT 1) last ON true
            WHERE o.id = $1""",
        organisation_id,
    )
    if found is None:
        return Site("", "", "", "")
    return Site(found["site_district"], found["parent_name"], found["address"], found["site_lacks"])


def split_names(text: str) -> list[str]:
    """Names or codes as people list them: by lines, commas, 、 or semicolons; each once, in their order."""
    return list(dict.fromkeys(word for part in re.split(r"[\n,，、;；]+", text) if (word := clean_line(part))))


async def named_units(organisation_id: UUID, texts: list[str]) -> Mapping[str, UUID]:
    """Those of ``texts`` that are the code or full name of exactly one open unit near ``organisation_id``.

    Near is: below the same superior, in the same district, or above it. A guest (a barracks, a school) is found by its
    own sponsor only. One statement; none without texts.
    """
    if not texts:
        return {}
    found = await db.rows(
        """SELECT wanted.text, (array_agg(u.id))[1] AS id
             FROM unnest($2::text[]) wanted(text)
             JOIN accounts_organisation me ON me.id = $1
             JOIN accounts_organisation u ON (lower(u.code) = lower(wanted.text) OR u.name = wanted.text)
              AND u.closed_on IS NULL AND u.id <> me.id
              AND (u.parent = me.parent OR (u.district <> '' AND u.district = me.district)
                   OR starts_with(me.path, u.path) OR u.parent = me.id)
              AND (u.kind <> 'guest' OR u.parent IN (me.id, me.parent))
            GROUP BY wanted.text HAVING count(*) = 1""",
        organisation_id,
        texts,
    )
    return {one["text"]: one["id"] for one in found}
