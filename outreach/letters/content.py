"""What stands in the letters: the texts behind every placeholder, from what is stored and what was typed.

Letters are Chinese papers; they do not follow a reader's language.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from outreach.accounts.queries import OrganisationRow
from outreach.bookings.notices import SPOKEN
from outreach.events.domain.openings import ForWhom
from outreach.events.domain.visibility import may_see_place
from outreach.events.menu import EventRow, menu_of_year
from outreach.events.openings import OpeningRow, things_of
from outreach.events.queries import SESSION_SQL, SessionRow, session_row
from outreach.letters.forms import ConfirmationForm, MenuForm, OpeningForm
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day
from outreach.web.wording import time_text, when_text

__all__ = [
    "confirmation_context",
    "host_contact_of",
    "menu_context",
    "menu_items",
    "needs_of",
    "opening_context",
    "owner_of",
]

ZH = "zh"


def _day(on: date) -> str:
    """``2015年9月15日``, without its weekday: the date under a letter."""
    return f"{on.year}年{on.month}月{on.day}日"


def people_words(least: int | None, most: int | None) -> str:
    """``30—120人``, ``30人以上``, ``120人以内``; empty: nobody said."""
    if least and most:
        return f"{least:,}—{most:,}人" if least != most else f"{least:,}人"
    if least:
        return f"{least:,}人以上"
    return f"{most:,}人以内" if most else ""


async def menu_items(actor: Actor, year: int) -> list[EventRow]:
    """What units can order of the programmes that the caller runs, by programme and title."""
    found = await menu_of_year(year)
    return [one for one in found if one.orderable and actor.organises(one.organisation_path)]


def menu_context(
    items: Sequence[EventRow], form: MenuForm, *, issuer: OrganisationRow, now: datetime, base_url: str
) -> dict[str, Any]:
    """The menu of the programmes that were ticked; none ticked: all."""
    wanted = set(form.programme_ids)
    kept = [one for one in items if not wanted or one.programme_id in wanted]
    programmes = []
    for _id, group in groupby(kept, key=lambda one: one.programme_id):
        rows = list(group)
        programmes.append(
            {
                "name": rows[0].programme_name,
                "mark": rows[0].programme_mark,
                "count": str(len(rows)),
                "rows": [_menu_row(number, one) for number, one in enumerate(rows, 1)],
            }
        )
    return {
        "title": form.title or f"{form.year}年{form.season}职工活动菜单",
        "season": f"{form.year}年{form.season}",
        "how": form.how,
        "deadline": _day(form.deadline) if form.deadline else "",
        "count": str(len(kept)),
        "contact_name": form.contact_name,
        "contact_phone": form.contact_phone,
        "issuer": issuer.name,
        "made_on": _day(local_day(now)),
        "address": f"{base_url}/menu",
        "note": form.note,
        "programmes": programmes,
    }


def _menu_row(number: int, one: EventRow) -> dict[str, str]:
    return {
        "number": str(number),
        "title": one.title,
        "kind": one.kind,
        "topic": one.topic,
        "summary": one.summary,
        "audience": one.audience,
        "people": people_words(one.min_audience, one.max_audience),
        "minutes": f"{one.duration_minutes}分钟",
        "needs": one.site_needs,
        "lead": f"提前{one.lead_days}天" if one.lead_days else "",
        "providers": "、".join(one.provider_names),
    }


async def opening_context(opening: OpeningRow, form: OpeningForm, *, now: datetime, base_url: str) -> dict[str, Any]:
    """The notice of an opening: what can be had by whom, from when, and how many. Three statements."""
    things = (await things_of([opening.id]))[opening.id]
    sessions = [
        session_row(one)
        for one in await db.rows(
            f"""{SESSION_SQL} WHERE s.id = ANY($1::uuid[]) AND s.state IN ('draft', 'published')
                  ORDER BY s.starts_at, s.id""",
            list(things.session_ids),
        )
    ]
    events = await db.rows(
        """SELECT title, kind, duration_minutes, min_audience, max_audience FROM events_event
            WHERE id = ANY($1::uuid[]) AND active ORDER BY title, id""",
        list(things.event_ids),
    )
    return {
        "title": form.title or f"关于开放“{opening.name}”预约的通知",
        "name": opening.name,
        "programme": opening.programme_name,
        "opens": when_text(opening.opens_at, None, ZH),
        "closes": when_text(opening.closes_at, None, ZH) if opening.closes_at else "",
        "whom": _whom(opening),
        "limit": str(opening.max_per_organisation or ""),
        "places": str(opening.places or ""),
        "quotas": "、".join(f"{one.district}{one.places}个" for one in opening.quotas),
        "contact_name": form.contact_name,
        "contact_phone": form.contact_phone,
        "issuer": opening.organisation_name,
        "made_on": _day(local_day(now)),
        "address": f"{base_url}/calendar" if sessions else f"{base_url}/menu",
        "note": form.note,
        "sessions": [_opened_session(number, one) for number, one in enumerate(sessions, 1)],
        "events": [
            {
                "number": str(number),
                "title": one["title"],
                "kind": one["kind"],
                "minutes": f"{one['duration_minutes']}分钟",
                "people": people_words(one["min_audience"], one["max_audience"]),
            }
            for number, one in enumerate(events, 1)
        ],
    }


def _whom(opening: OpeningRow) -> str:
    if opening.for_whom == ForWhom.DISTRICTS:
        return "、".join(one or "市直属" for one in opening.districts)
    if opening.for_whom == ForWhom.UNSERVED:
        return f"近{opening.unserved_years or 1}年没有办过的单位"
    return "所有单位"


def _opened_session(number: int, one: SessionRow) -> dict[str, str]:
    # It goes to people whom nobody knows: a hidden host's place is not told.
    place = one.place or one.district if may_see_place(None, one.facts) else one.district
    seats = "不限人数" if one.capacity is None else f"{one.capacity:,}个"
    return {
        "number": str(number),
        "when": when_text(one.starts_at, one.ends_at, ZH, year=False),
        "title": one.title,
        "place": place,
        "seats": "整场可领" if one.claimable else seats,
    }


async def needs_of(session: SessionRow) -> str:
    """What the event asks of a site."""
    return str(await db.value("SELECT site_needs FROM events_event WHERE id = $1", session.event_id) or "")


def confirmation_context(
    session: SessionRow, form: ConfirmationForm, *, issuer: str, now: datetime, base_url: str
) -> dict[str, Any]:
    """The letter to the host of a session."""
    arrival = session.starts_at - timedelta(minutes=session.setup_minutes)
    return {
        "title": form.title or f"关于到贵单位举办“{session.title}”的函",
        "number": form.number,
        "host": session.host_name or "",
        "event": session.title,
        "programme": session.programme_name,
        "kind": session.kind,
        "when": when_text(session.starts_at, session.ends_at, ZH),
        "place": session.place or session.district,
        "district": session.district,
        "people_label": "主讲" if any(word in session.kind for word in SPOKEN) else "团队",
        "providers": "、".join(
            f"{name}（{title}）" if title else name
            for name, title in zip(session.provider_names, session.provider_titles, strict=True)
        ),
        "audience": f"{form.audience:,}" if form.audience else "",
        "arrival": time_text(arrival) if session.setup_minutes else "",
        "needs": form.needs,
        "host_contact": form.host_contact,
        "host_phone": form.host_phone,
        "reply_by": _day(form.reply_by) if form.reply_by else "",
        "contact_name": form.contact_name,
        "contact_phone": form.contact_phone,
        "issuer": issuer,
        "made_on": _day(local_day(now)),
        "address": f"{base_url}/sessions/{session.id}",
        "note": form.note,
    }


async def host_contact_of(session: SessionRow) -> tuple[str, str, int | None]:
    """Whom the host named, the telephone and how many people: in its order, else when it claimed the date."""
    found = await db.row(
        """SELECT contact_name, contact_phone, people FROM (
               SELECT contact_name, contact_phone, audience AS people, 1 AS rank, changed_at FROM bookings_order
                WHERE session = $1 AND state NOT IN ('declined', 'withdrawn')
               UNION ALL
               SELECT contact_name, contact_phone, seats, 2, changed_at FROM bookings_booking
                WHERE session = $1 AND is_host AND state IN ('confirmed', 'attended', 'pending')) named
            ORDER BY rank, changed_at DESC LIMIT 1""",
        session.id,
    )
    return (found["contact_name"], found["contact_phone"], found["people"]) if found else ("", "", None)


async def owner_of(organisation_id: UUID) -> str:
    """The name of the organisation that runs a session."""
    return str(await db.value("SELECT name FROM accounts_organisation WHERE id = $1", organisation_id))
