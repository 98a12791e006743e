"""What an organiser can fix: years, organisations and programmes to choose from."""

from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["choices_to_fix", "years_to_fix"]

_RUN = "EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run) OR starts_with(run, o.path))"


async def years_to_fix(actor: Actor) -> list[int]:
    """Years with programmes of the actor's part of the tree or above it, the newest first."""
    found = await db.rows(
        f"""SELECT DISTINCT p.year FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
             WHERE {_RUN} ORDER BY p.year DESC""",  # noqa: S608 - ours
        list(actor.organised_paths),
    )
    return [one["year"] for one in found]


async def choices_to_fix(actor: Actor, year: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Organisations that the actor runs and that own programmes of the year, and its own; codes of programmes."""
    own = actor.home.organisation_id if actor.home else None
    owners = await db.rows(
        """SELECT o.code, o.name FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
              AND (o.id = $3 OR EXISTS (SELECT 1 FROM programmes_programme p
                                         WHERE p.organisation = o.id AND p.year = $2))
            ORDER BY length(o.path), o.code LIMIT 400""",
        list(actor.organised_paths),
        year,
        own,
    )
    programmes = await db.rows(
        f"""SELECT DISTINCT ON (p.code) p.code, p.name FROM programmes_programme p
              JOIN accounts_organisation o ON o.id = p.organisation
             WHERE p.year = $2 AND {_RUN} ORDER BY p.code, length(o.path) LIMIT 400""",  # noqa: S608 - ours
        list(actor.organised_paths),
        year,
    )
    return [(one["code"], one["name"]) for one in owners], [(one["code"], one["name"]) for one in programmes]
