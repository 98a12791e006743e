"""The command of somebody without an account who asks to become a unit's contact, and who of the staff hears of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.domain.names import phone_problems
from outreach.accounts.requests.domain.rules import name_key
from outreach.notifications.outbox import enqueue_within
from outreach.shared.db import atomic, execute, rows
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local_day
from outreach.web.security import token_digest
from outreach.web.throttle import count_try

__all__ = ["KEPT", "KEPT_WAITING", "PER_ADDRESS", "PER_DAY", "WINDOW", "submit_request"]

#: Whole office buildings share one address; and nobody fills the inbox of a city in a day.
PER_ADDRESS, PER_DAY = 20, 300
WINDOW = timedelta(days=1)
#: Name and number of somebody who is no contact go so long after the decision, or when nobody decides at all.
KEPT, KEPT_WAITING = timedelta(days=30), timedelta(days=180)


async def submit_request(now: datetime, *, unit: str, name: str, phone: str, note: str, address: str) -> None:
    """Put a request into the inbox of the staff who run the unit of that name, or of those who run the whole tree.

    Staff are told, who rings to verify: the person has no account that could be written to. A number that waits already
    changes nothing, and nobody learns it: what is answered is always the same.

    Args:
        address: where it came from, for the limit.

    Raises:
        InvalidError: the telephone number is none.
        TooManyRequestsError: too many came from this address, or altogether.
    """
    digits = normal_phone(phone)
    problems = phone_problems("phone", digits) if digits else [FieldProblem("phone", "bad-phone")]
    if problems:
        raise InvalidError(problems)
    await count_try(f"request:address:{token_digest(address)}", limit=PER_ADDRESS, window=WINDOW, now=now)
    await count_try("request:all", limit=PER_DAY, window=WINDOW, now=now)
    async with atomic():
        await _forget_within(now)
        known = await _unit_named(unit)
        made = new_id()
        stored = await execute(
            """INSERT INTO accounts_contact_request
                   (id, unit, organisation, name, phone, note, state, reason, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', $7)
               ON CONFLICT (phone) WHERE state = 'waiting' DO NOTHING""",
            made,
            clean_line(unit),
            known["id"] if known else None,
            clean_line(name),
            digits,
            clean_line(note),
            now,
        )
        if stored:
            await _tell_staff_within(now, made, known["id"] if known else None, known["name"] if known else unit)


async def _unit_named(unit: str) -> Any | None:
    """Id and name of the one open organisation of this name; ``None`` when there is none, or more than one."""
    found = await rows(
        """SELECT id, name FROM accounts_organisation
            WHERE closed_on IS NULL AND (name = $1 OR lower(replace(normalize(name, NFKC), ' ', '')) = $2) LIMIT 3""",
        clean_line(unit),
        name_key(unit),
    )
    return found[0] if len(found) == 1 else None


# Organisations that somebody runs today, and may answer: the unit's and those above it, the nearest first; of a unit
# that is not known by its name, those at the top of the tree.
_RUN = """
SELECT DISTINCT a.id, length(a.path) AS depth FROM accounts_role_grant g
  JOIN accounts_person p ON p.id = g.person AND p.disabled_at IS NULL
  JOIN accounts_organisation a ON a.id = g.organisation
  LEFT JOIN accounts_organisation u ON u.id = $1
 WHERE g.role = 'organiser' AND g.from_on <= $2 AND (g.until_on IS NULL OR g.until_on > $2)
   AND CASE WHEN u.id IS NULL THEN a.parent IS NULL ELSE starts_with(u.path, a.path) END
 ORDER BY depth DESC, a.id
"""
_ADMINISTRATORS = """
SELECT DISTINCT g.person FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person AND p.disabled_at IS NULL
 WHERE g.role = 'administrator' AND g.from_on <= $1 AND (g.until_on IS NULL OR g.until_on > $1) ORDER BY g.person
"""


async def _tell_staff_within(now: datetime, request_id: UUID, organisation_id: UUID | None, unit: str) -> None:
    """One message to the nearest organisation that somebody runs; for an unknown unit to each at the top of a tree.

    Where nobody runs anything, the administrators are told. The message names the unit alone: it stays when name and
    number of the person are gone.
    """
    today = local_day(now)
    offices = [one["id"] for one in await rows(_RUN, organisation_id, today)]
    given: dict[str, Any] = {
        "object_kind": "contact_request",
        "object_id": request_id,
        "facts": {"organisation": clean_line(unit)},
    }
    for office in offices if organisation_id is None else offices[:1]:
        await enqueue_within("contact-request", now, organisation_id=office, **given)
    if not offices:
        for one in await rows(_ADMINISTRATORS, today):
            await enqueue_within("contact-request", now, person_id=one["person"], **given)


async def _forget_within(now: datetime) -> None:
    await execute(
        """DELETE FROM accounts_contact_request
            WHERE (state <> 'waiting' AND decided_at < $1) OR (state = 'waiting' AND created_at < $2)""",
        now - KEPT,
        now - KEPT_WAITING,
    )
