"""The week's summary for organisers who want it: how the year stands, and what waits for them."""

from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from outreach.accounts.authentication import actor_of_person
from outreach.counting.desk import Waiting, desk_programmes, waiting_for
from outreach.counting.news import year_news
from outreach.counting.queries import progress_of_programmes
from outreach.notifications.languages import in_language
from outreach.notifications.saying_once import Once, enqueue_once_within, said_already
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import local, local_day
from outreach.web.wording import clauses

__all__ = ["send_weekly_summaries", "summary_text"]

#: Mondays from then on; who was not told then, since the program stood still, is told until Wednesday evening.
FROM_TIME, TO_HOUR, LAST_WEEKDAY = time(8, 30), 21, 2


class _Wish(NamedTuple):
    person_id: UUID
    locale: str
    once: str


async def send_weekly_summaries(now: datetime) -> int:
    """Write to every organiser who asked for it, once a week; return how many that are."""
    here = local(now)
    if here.weekday() > LAST_WEEKDAY or here.hour >= TO_HOUR or (here.weekday() == 0 and here.time() < FROM_TIME):
        return 0
    if here.hour < FROM_TIME.hour:
        return 0
    sent = 0
    for wish in await _wishes(now):
        actor = await actor_of_person(wish.person_id, now)
        if actor is None or not actor.is_staff:
            continue
        with in_language(wish.locale):
            text = await summary_text(actor, now)
        message = Once(
            once=wish.once,
            kind="weekly-summary",
            object_kind="desk",
            object_id=wish.person_id,
            person_id=wish.person_id,
            facts={"summary": text},
        )
        async with db.atomic():
            sent += await enqueue_once_within(now, [message])
    return sent


async def _wishes(now: datetime) -> list[_Wish]:
    """Staff who want the summary and have not got this week's."""
    today = local_day(now)
    monday = today - timedelta(days=today.weekday())
    found = await db.rows(
        """SELECT DISTINCT p.id, p.locale FROM accounts_person p
             JOIN notifications_choice c ON c.person = p.id AND c.topic = 'summary' AND c.wanted
             JOIN accounts_role_grant g ON g.person = p.id AND g.role IN ('organiser', 'administrator')
                                       AND g.from_on <= $1 AND (g.until_on IS NULL OR g.until_on > $1)
            WHERE p.disabled_at IS NULL ORDER BY p.id""",
        today,
    )
    wishes = [_Wish(one["id"], one["locale"], f"weekly:{one['id']}:{monday}") for one in found]
    said = await said_already([one.once for one in wishes])
    return [one for one in wishes if one.once not in said]


async def summary_text(actor: Actor, now: datetime) -> str:
    """How the actor's year stands in a sentence, and what waits, in the language spoken now."""
    today = local_day(now)
    programmes = await desk_programmes(actor, today.year)
    progress = await progress_of_programmes(programmes, today.year, today, now=now)
    news = year_news(progress.programmes) if progress.programmes else _("今年还没有项目。")
    return f"{news}\n{_waiting_text(await waiting_for(actor, now))}"


def _waiting_text(waiting: Waiting) -> str:
    parts = [
        words % {"number": number}
        for number, words in (
            (waiting.pending, _("预约待审核%(number)s件")),
            (waiting.asked, _("点单待审核%(number)s件")),
            (waiting.to_assign, _("点单待派%(number)s件")),
            (waiting.reported, _("报来的人次待确认%(number)s件")),
            (waiting.requests, _("联系人申请等着办%(number)s份")),
            (waiting.unrecorded, _("办过没登记%(number)s场")),
            (waiting.drafts, _("草稿没发布%(number)s场")),
        )
        if number
    ]
    return _("等着处理：%(parts)s。") % {"parts": clauses(parts, language())} if parts else _("没有等着处理的事。")
