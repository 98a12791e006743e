"""Own words are stored and taken back."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.notifications.domain.placeholders import placeholder_problems
from outreach.notifications.own_words import places_of
from outreach.notifications.wording import KINDS
from outreach.notifications.wordings.forms import WordingForm
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, StaleError
from outreach.shared.ids import id_in_path, new_id
from outreach.shared.text import clean_line

__all__ = ["check_words", "keep_words", "reset_words"]

LONGEST_BODY = 2000


def check_words(kind: str, subject: str, body: str) -> None:
    """Refuse words that could not be filled.

    Raises:
        InvalidError: names subject, body or both.
    """
    known = places_of(kind)
    problems = [*placeholder_problems("subject", subject, known), *placeholder_problems("body", body, known)]
    if len(body) > LONGEST_BODY:
        problems.append(FieldProblem("body", "too-long", {"most": LONGEST_BODY, "length": len(body)}))
    if not body.strip():
        problems.append(FieldProblem("body", "nothing-to-say"))
    if problems:
        raise InvalidError(problems)


async def keep_words(actor: Actor, now: datetime, kind: str, form: WordingForm) -> None:
    """Store an organisation's words for a kind; from now on they stand in its messages and in those of all below it.

    Raises:
        NotFoundError: there is no such kind, or the organisation is none that the actor runs.
        InvalidError: names the bad field.
        StaleError: somebody else has changed them meanwhile.
    """
    check_words(kind, form.subject, form.body)
    async with db.atomic({"notifications_wording_one": StaleError}):
        organisation_id = await _run_by(actor, kind, form.organisation_id)
        if form.revision:
            changed = await db.execute(
                """UPDATE notifications_wording SET subject = $4, body = $5, changed_by = $6, changed_at = $7,
                          revision = revision + 1
                    WHERE organisation = $1 AND kind = $2 AND language = $3 AND revision = $8""",
                organisation_id,
                kind,
                form.language,
                clean_line(form.subject),
                form.body.strip(),
                actor.person_id,
                now,
                form.revision,
            )
            if not changed:
                raise StaleError
        else:
            await db.execute(
                """INSERT INTO notifications_wording
                       (id, organisation, kind, language, subject, body, changed_by, changed_at, revision)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)""",
                new_id(),
                organisation_id,
                kind,
                form.language,
                clean_line(form.subject),
                form.body.strip(),
                actor.person_id,
                now,
            )
        await _note(actor, now, "wording.changed", organisation_id, kind, form.language)


async def reset_words(actor: Actor, now: datetime, kind: str, *, organisation_id: str, language: str) -> None:
    """Let the shipped words, or those of the organisation above, apply again.

    Raises:
        NotFoundError: as for ``keep_words``.
    """
    async with db.atomic():
        id_ = await _run_by(actor, kind, organisation_id)
        gone = await db.execute(
            "DELETE FROM notifications_wording WHERE organisation = $1 AND kind = $2 AND language = $3",
            id_,
            kind,
            language,
        )
        if gone:
            await _note(actor, now, "wording.reset", id_, kind, language)


async def _run_by(actor: Actor, kind: str, organisation_id: str) -> UUID:
    id_ = id_in_path(organisation_id)
    path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1", id_)
    if kind not in KINDS or path is None or not actor.organises(path):
        raise NotFoundError
    return id_


async def _note(actor: Actor, now: datetime, action: str, organisation_id: UUID, kind: str, language: str) -> None:
    await note_within(
        actor,
        now,
        action,
        "wording",
        organisation_id,
        organisation_id=organisation_id,
        facts={"kind": kind, "language": language},
    )
