"""From deliveries to letters: worded in the reader's language, with what features add, for a whole batch at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from outreach.notifications.channels.letter import Letter
from outreach.notifications.channels.mail import greeting_of, sender_of
from outreach.notifications.claiming import Claim
from outreach.notifications.domain.topics import ESSENTIAL, topic_of
from outreach.notifications.domain.unsubscribing import token_for
from outreach.notifications.languages import in_language
from outreach.notifications.own_words import OwnWords, read_own_words
from outreach.notifications.parts import Addressed, Origin, Parts, find_parts
from outreach.notifications.routing import ADDRESS_ASKED
from outreach.notifications.wording import message_href
from outreach.settings import Settings, secret_of
from outreach.shared import db
from outreach.web.templates import Site

__all__ = ["Desk", "compose", "open_desk"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all letters of an installation have in common."""

    origin: Origin
    site: Site
    host: str
    secret: bytes


async def open_desk(settings: Settings) -> Desk:
    """As the installation calls itself now."""
    fact = await db.value("SELECT value FROM accounts_installation_fact WHERE name = 'site'")
    site = msgspec.json.decode(fact, type=Site) if fact else Site()
    return Desk(
        Origin(settings.base_url, site.name, sender_of(settings)[1]), site, greeting_of(settings), secret_of(settings)
    )


async def compose(claims: Sequence[Claim], desk: Desk, now: datetime) -> list[tuple[Claim, Letter | Exception]]:
    """A letter for each delivery, in their order; one that cannot be worded keeps none of the others from going."""
    parts: dict[UUID, Parts] = {}
    broken: dict[UUID, Exception] = {}
    for locale in dict.fromkeys(one.locale for one in claims):
        with in_language(locale):
            await _add_parts([one for one in claims if one.locale == locale], desk, now, parts, broken)
    own = await read_own_words()
    made: list[tuple[Claim, Letter | Exception]] = []
    for one in claims:
        if one.id in broken:
            made.append((one, broken[one.id]))
            continue
        try:
            with in_language(one.locale):
                made.append((one, _letter(one, parts.get(one.id, Parts()), own, desk, now)))
        except Exception as error:
            logger.exception("message %s cannot be worded", one.message_id)
            made.append((one, error))
    return made


async def _add_parts(
    claims: Sequence[Claim], desk: Desk, now: datetime, parts: dict[UUID, Parts], broken: dict[UUID, Exception]
) -> None:
    """For all at once; where that fails one by one, to find out whose fault it is."""
    try:
        parts |= await find_parts([_addressed(one) for one in claims], desk.origin, now)
    except Exception as error:
        if len(claims) == 1:
            logger.exception("message %s cannot be added to", claims[0].message_id)
            broken[claims[0].id] = error
            return
        for one in claims:
            await _add_parts([one], desk, now, parts, broken)


def _addressed(claim: Claim) -> Addressed:
    return Addressed(
        delivery_id=claim.id,
        message_id=claim.message_id,
        kind=claim.kind,
        object_kind=claim.object_kind,
        object_id=claim.object_id,
        facts=claim.facts,
        organisation_id=claim.organisation_id,
        person_id=claim.person_id,
        person_name=claim.person_name,
        address=claim.address,
    )


def _letter(claim: Claim, parts: Parts, own: OwnWords, desk: Desk, now: datetime) -> Letter:
    topic = topic_of(claim.kind)
    spoken = "en" if claim.locale == "en" else "zh_CN"
    href = desk.origin.base_url + message_href(claim.object_kind, claim.object_id, claim.facts)
    known = {"where": parts.where, **claim.facts, "link": href}
    subject, text = own.words_for(claim.words_path, claim.kind, spoken, known)
    unsubscribe = None
    if claim.kind not in ESSENTIAL and claim.kind != ADDRESS_ASKED and claim.person_id is not None:
        unsubscribe = f"{desk.origin.base_url}/unsubscribe/{token_for(claim.person_id, topic.value, desk.secret)}"
    # The delivery's own end keeps the names of two letters apart that carry the same state of a booking.
    ident = f"{parts.ident or f'message-{claim.message_id}'}.{claim.id.hex[-12:]}@{desk.host}"
    return Letter(
        delivery_id=claim.id,
        message_id=claim.message_id,
        kind=claim.kind,
        topic=topic.value,
        object_kind=claim.object_kind,
        object_id=claim.object_id,
        facts=claim.facts,
        language=spoken,
        address=claim.address,
        person_id=claim.person_id,
        person_name=claim.person_name,
        organisation_id=claim.organisation_id,
        hook_id=claim.hook_id,
        subject=subject,
        text=text,
        href=href,
        ident=claim.ident or ident,
        parts=parts.calendar,
        rows=parts.rows,
        actions=parts.actions,
        unsubscribe_href=unsubscribe,
        attempt=claim.attempt,
        at=now,
        site_name=desk.site.name,
        site_phone=desk.site.phone,
    )
