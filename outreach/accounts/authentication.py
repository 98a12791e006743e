"""From a credential to the person behind it: one question a request."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.time import local_day
from outreach.web.security import token_digest

__all__ = ["LOGIN_KEPT", "actor_of_person", "authenticate"]

#: A browser stays logged in so long after it was last seen.
LOGIN_KEPT = timedelta(days=30)

_PERSON = "SELECT p.id, p.name, p.locale, "
_GRANTS = """
    (SELECT coalesce(json_agg(json_build_array(g.role, g.organisation, o.name, o.path) ORDER BY g.from_on, g.id), '[]')
       FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
      WHERE g.person = p.id AND g.from_on <= $2 AND (g.until_on IS NULL OR g.until_on > $2)) AS grants
"""

_BY_KIND = {
    "login": _PERSON
    + "l.id AS credential, l.seen_at,"
    + _GRANTS
    + """ FROM accounts_login l JOIN accounts_person p ON p.id = l.person
       WHERE l.token_hash = $1 AND l.revoked_at IS NULL AND l.expires_at > $3 AND p.disabled_at IS NULL""",
    "token": _PERSON
    + "t.id AS credential, t.used_on,"
    + _GRANTS
    + """ FROM accounts_api_token t JOIN accounts_person p ON p.id = t.person
       WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND p.disabled_at IS NULL AND $3::timestamptz IS NOT NULL""",
}

_BY_ID = _PERSON + _GRANTS + " FROM accounts_person p WHERE p.id = $1"


async def authenticate(kind: str, token: str, now: datetime) -> Actor | None:
    """The person with this login cookie (``login``) or API token (``token``), with the roles valid today."""
    today = local_day(now)
    found = await db.row(_BY_KIND[kind], token_digest(token), today, now)
    if found is None:
        return None
    # Noted at most once an hour or day, so that reading pages does not write.
    if kind == "login" and found["seen_at"] < now - timedelta(hours=1):
        await db.execute(
            "UPDATE accounts_login SET seen_at = $2, expires_at = $3 WHERE id = $1",
            found["credential"],
            now,
            now + LOGIN_KEPT,
        )
    elif kind == "token" and found["used_on"] != today:
        await db.execute("UPDATE accounts_api_token SET used_on = $2 WHERE id = $1", found["credential"], today)
    return _actor(found, f"{kind}:{found['credential']}", found["credential"] if kind == "login" else None)


async def actor_of_person(person_id: Any, now: datetime) -> Actor | None:
    """The person as actor, for commands run from the command line."""
    found = await db.row(_BY_ID, person_id, local_day(now))
    return None if found is None else _actor(found, "command-line", None)


def _actor(found: Any, caller: str, login_id: Any) -> Actor:
    grants = msgspec.json.decode(found["grants"], type=list[tuple[Role, UUID | None, str | None, str | None]])
    held = tuple(Grant(role, organisation, name or "", path or "/") for role, organisation, name, path in grants)
    return Actor(found["id"], found["name"], held, found["locale"], caller, login_id)
