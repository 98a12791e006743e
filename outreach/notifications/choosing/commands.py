"""People choose how messages reach them; an address counts once it was confirmed from its mailbox."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from outreach.accounts.domain.permissions import may_manage_person
from outreach.accounts.journal import note_within
from outreach.accounts.queries import held_by
from outreach.notifications.choosing.forms import ChoicesForm, minutes_of
from outreach.notifications.choosing.queries import chosen_by
from outreach.notifications.domain.choosing import shipped_choice
from outreach.notifications.domain.confirming import GOOD_FOR, confirm_token, read_confirm_token
from outreach.notifications.domain.topics import MessageTopic
from outreach.notifications.domain.unsubscribing import read_token
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.time import local, local_day

__all__ = ["confirm_address", "keep_choices", "leave_topic", "set_address", "set_address_of", "topic_left"]

#: What SMTP and header lines take; internationalised addresses are not sent to.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+"
)


async def set_address(actor: Actor, now: datetime, email: str, secret: bytes) -> bool:
    """Note the own address; whether a mail with a link was sent there. An empty one: no mail any more.

    Raises:
        InvalidError: it is none.
    """
    async with db.atomic():
        return await _set_within(actor, now, actor.person_id, email, secret, None)


async def set_address_of(actor: Actor, now: datetime, *, person_id: UUID, email: str, secret: bytes) -> bool:
    """Note the address of somebody whom the actor manages; the person confirms it by the mail's link.

    Raises:
        NotFoundError: there is no such person in the actor's part of the tree.
        ForbiddenError: the person has roles beyond it.
        InvalidError: the address is none.
    """
    async with db.atomic():
        held = await held_by(person_id, local_day(now))
        if not actor.is_administrator and not any(actor.organises(one.path) for one in held):
            raise NotFoundError
        if not may_manage_person(actor, held):
            raise ForbiddenError
        organisation_id = await db.value(
            """SELECT organisation FROM accounts_role_grant WHERE person = $1 AND organisation IS NOT NULL
                ORDER BY until_on IS NOT NULL, from_on, id LIMIT 1""",
            person_id,
        )
        return await _set_within(actor, now, person_id, email, secret, organisation_id)


async def _set_within(
    actor: Actor, now: datetime, person_id: UUID, email: str, secret: bytes, organisation_id: UUID | None
) -> bool:
    given = email.strip()
    if given and (not _EMAIL.fullmatch(given) or len(given) > 254):
        raise invalid("email", "bad-email")
    before = await db.row("SELECT email, email_confirmed_at FROM accounts_person WHERE id = $1 FOR UPDATE", person_id)
    if before is None:
        raise NotFoundError
    if given == (before["email"] or "") and (not given or before["email_confirmed_at"] is not None):
        return False
    await db.execute(
        "UPDATE accounts_person SET email = $2, email_confirmed_at = NULL, revision = revision + 1 WHERE id = $1",
        person_id,
        given or None,
    )
    if (before["email"] or "") != given:
        action = "person.address_given" if given else "person.address_removed"
        await note_within(actor, now, action, "person", person_id, organisation_id=organisation_id)
    if given:
        until = now + GOOD_FOR
        await enqueue_within(
            "address-asked",
            now,
            object_kind="address",
            object_id=person_id,
            person_id=person_id,
            facts={
                "email": given,
                "token": confirm_token(person_id, given, secret, until=until),
                "until": local(until).isoformat(),
            },
        )
    return bool(given)


async def confirm_address(now: datetime, token: str, secret: bytes) -> str:
    """The address of a token is the person's from now on; return it. Asked twice, it says the same.

    Raises:
        NotFoundError: the link is not ours, too old, or the person has named another address since.
    """
    said = read_confirm_token(token, secret, now)
    if said is None:
        raise NotFoundError
    async with db.atomic():
        found = await db.value(
            """UPDATE accounts_person SET email_confirmed_at = coalesce(email_confirmed_at, $3)
                WHERE id = $1 AND email = $2 AND disabled_at IS NULL RETURNING email_confirmed_at""",
            said[0],
            said[1],
            now,
        )
        if found is None:
            raise NotFoundError
        if found == now:
            await note_within(None, now, "person.address_confirmed", "person", said[0])
    return said[1]


async def keep_choices(
    actor: Actor, now: datetime, form: ChoicesForm, *, topics: Collection[MessageTopic], sms: bool
) -> None:
    """Store everything that the page asks.

    Args:
        topics: those that the page showed; of others nothing is said.
        sms: whether the page asked for SMS, too.

    Raises:
        InvalidError: quiet hours that begin when they end.
    """
    begin, end = minutes_of(form.quiet_from), minutes_of(form.quiet_until)
    if form.quiet and begin == end:
        raise invalid("quiet_until", "no-quiet-time")
    wanted = {("mail", one): one in form.mail for one in topics}
    if sms:
        wanted |= {("sms", one): one in form.sms for one in topics}
    before = await chosen_by(actor.person_id)
    assert before is not None  # the actor was found a moment ago
    # What is as it comes from us is not kept: it may be improved, and follows an address that is given later.
    wanted = {
        (channel, topic): given
        for (channel, topic), given in wanted.items()
        if (topic.value, channel) in before.choices or given != shipped_choice(topic, channel, by_mail=before.by_mail)
    }
    async with db.atomic():
        await db.execute("UPDATE accounts_person SET locale = $2 WHERE id = $1", actor.person_id, form.locale)
        await _choose_within(actor.person_id, now, wanted)
        # No quiet hours are kept as hours without length: without a row the usual ones apply.
        await db.execute(
            """INSERT INTO notifications_quiet_hours (id, person, from_minute, until_minute, changed_at)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person) DO UPDATE
                   SET from_minute = excluded.from_minute, until_minute = excluded.until_minute,
                       changed_at = excluded.changed_at""",
            new_id(),
            actor.person_id,
            begin if form.quiet else 0,
            end if form.quiet else 0,
            now,
        )
        await note_within(actor, now, "person.messages_chosen", "person", actor.person_id)


async def _choose_within(person_id: UUID, now: datetime, wanted: Mapping[tuple[str, MessageTopic], bool]) -> None:
    await db.execute(
        """INSERT INTO notifications_choice (id, person, topic, channel, wanted, changed_at)
           SELECT given.id, $2, given.topic, given.channel, given.wanted, $6
             FROM unnest($1::uuid[], $3::text[], $4::text[], $5::boolean[]) AS given (id, topic, channel, wanted)
           ON CONFLICT (person, topic, channel) DO UPDATE
               SET wanted = excluded.wanted, changed_at = excluded.changed_at""",
        [new_id() for _one in wanted],
        person_id,
        [topic.value for _channel, topic in wanted],
        [channel for channel, _topic in wanted],
        list(wanted.values()),
        now,
    )


def topic_left(token: str, secret: bytes) -> tuple[UUID, MessageTopic]:
    """Whom a link to leave a topic belongs to.

    Raises:
        NotFoundError: it is not ours.
    """
    said = read_token(token, secret)
    try:
        if said is not None:
            return said[0], MessageTopic(said[1])
    except ValueError:
        pass
    raise NotFoundError


async def leave_topic(now: datetime, token: str, secret: bytes) -> MessageTopic:
    """No mail about the topic any more; what is essential comes all the same.

    Raises:
        NotFoundError: the link is not ours.
    """
    person_id, topic = topic_left(token, secret)
    async with db.atomic():
        if await db.value("SELECT 1 FROM accounts_person WHERE id = $1", person_id) is None:
            raise NotFoundError
        await _choose_within(person_id, now, {("mail", topic): False})
        await note_within(None, now, "person.topic_left", "person", person_id, facts={"topic": topic.value})
    return topic
