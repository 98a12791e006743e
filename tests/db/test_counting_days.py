"""The seconds, days and numbers at which counting breaks: turns of years, a leap day, 10,000 sessions, nothing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.counting.counters import recount
from outreach.counting.keeping import forget
from outreach.counting.months import counted_of
from outreach.counting.queries import counted_sessions, district_table, year_progress
from outreach.counting.scope import Ours, Span
from outreach.events.tables import Session
from outreach.programmes.queries import programmes_of_year
from outreach.programmes.toml import notice_of
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE, local_day
from tests.factories.accounts import LONG_AGO, browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_target
from tests.support.pages import post_form
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

YEAR = 2016  # a leap year
NOW = datetime(2017, 3, 1, 9, tzinfo=ZONE)
LAST = date(YEAR, 12, 31)
MONTHS = range(1, 13)
DISTRICTS = ("姑苏区", "吴中区", "")


async def _one(starts_at: datetime) -> tuple[Organisation, Session]:
    """One session, of the programme of the year in which it starts; the other year has one without sessions."""
    owner = await make_organisation()
    programmes = {year: await make_programme(owner, year=year) for year in (2015, 2016)}
    for one in programmes.values():
        await make_target(one)
    event = await make_event(programmes[local_day(starts_at).year])
    session = await make_session(event, state="held", starts_at=starts_at, district="姑苏区")
    await make_headcount(session, on=local_day(starts_at), total=33)
    return owner, session


@pytest.mark.parametrize(
    ("starts_at", "year", "day"),
    [
        (datetime(2015, 12, 31, 15, 59, tzinfo=UTC), 2015, date(2015, 12, 31)),
        (datetime(2015, 12, 31, 16, 0, tzinfo=UTC), 2016, date(2016, 1, 1)),
        (datetime(2016, 2, 28, 15, 59, 59, tzinfo=UTC), 2016, date(2016, 2, 28)),
        (datetime(2016, 2, 28, 16, 0, tzinfo=UTC), 2016, date(2016, 2, 29)),
        (datetime(2016, 2, 29, 16, 0, tzinfo=UTC), 2016, date(2016, 3, 1)),
    ],
)
async def test_the_second_at_which_a_day_and_a_year_begins(starts_at: datetime, year: int, day: date) -> None:
    """In every question alike: targets, months, districts, sessions."""
    owner, session = await _one(starts_at)
    for asked in (2015, 2016):
        for until, there in ((day - timedelta(days=1), False), (day, True)):
            expected = int(asked == year and there)
            progress = await year_progress(asked, until, organisation_path=owner.path, now=NOW)
            assert sum(one.targets[0].actual for one in progress.programmes) == expected
            found = await counted_sessions(asked, until, owner.path)
            assert [(one.id, one.visits) for one in found] == [(session.id, 33)] * expected
            places = await district_table(asked, until, owner.path)
            assert [(one.sessions, one.visits) for one in places] == [(1, 33)] * expected
            ours = Ours(path=owner.path, own=tuple(await programmes_of_year(asked, owner.path)), above=())
            cells = [one for one in (await counted_of(ours, Span(asked, until))).cells if one.sessions or one.visits]
            assert [(one.month, one.sessions, one.visits) for one in cells] == [(day.month, 1, 33)] * expected


async def test_a_year_with_ten_thousand_sessions(app: Litestar) -> None:
    """Counted exactly, in as many statements as one with none, before the recount and after it."""
    owner = await make_organisation(name="市总工会")
    programme = await make_programme(owner, year=YEAR)
    await make_target(programme, key="s", value=9000.0)
    await make_target(programme, key="v", metric="visits", unit="人次", position=2, value=9e6)
    event = await make_event(programme, kind="演出")
    forget()
    with counted() as of_none:
        await year_progress(YEAR, LAST, organisation_path=owner.path, now=NOW)
    sessions, heads = _ten_thousand(programme.id, owner.id, event.id)
    async with db.atomic():
        await db.copy_rows("events_session", _SESSION, sessions)
        await db.copy_rows("attendance_headcount", _HEADS, heads)
    held: dict[Any, datetime] = {one[0]: one[9] for one in sessions if one[13] == "held"}
    visits = {one[1]: one[3] for one in heads}
    for _again in ("from the rows", "from counters"):
        for day in (LAST, date(YEAR, 6, 30)):
            due = [name for name, at in held.items() if local_day(at) <= day]
            progress = await year_progress(YEAR, day, organisation_path=owner.path, now=NOW)
            (one,) = progress.programmes
            assert [target.actual for target in one.targets] == [len(due), sum(visits[name] for name in due)]
            by_month = Counter(local_day(held[name]).month for name in due)
            assert [figure.actual for figure in one.months[:12]] == [by_month[month] for month in MONTHS]
            assert {listed.id for listed in await counted_sessions(YEAR, day, owner.path)} == set(due)
        await recount(NOW)
    forget()
    with counted() as of_many:
        await year_progress(YEAR, LAST, organisation_path=owner.path, now=NOW)
    assert len(of_many) == len(of_none)


#: A row for COPY.
Record = tuple[Any, ...]

_SESSION = (
    "id", "event", "programme", "organisation", "title", "kind", "address", "district", "capacity", "starts_at",
    "ends_at", "visibility", "revised_at", "state", "published_at", "created_at",
)  # fmt: skip
_HEADS = ("id", "session", "on", "total", "workers", "recorded_at")


def _ten_thousand(programme: UUID, owner: UUID, event: UUID) -> tuple[list[Record], list[Record]]:
    """One every 52 minutes from the first minute of the year to its last days; every seventh was cancelled."""
    sessions: list[Record] = []
    heads: list[Record] = []
    for number in range(10_000):
        starts_at = datetime(YEAR, 1, 1, tzinfo=ZONE) + timedelta(minutes=52 * number)
        name, state = new_id(), "cancelled" if number % 7 == 0 else "held"
        sessions.append(
            (
                name, event, programme, owner, "锡剧折子戏", "演出", "礼堂", DISTRICTS[number % 3], 120, starts_at,
                starts_at + timedelta(minutes=50), "public", LONG_AGO, state, LONG_AGO, LONG_AGO,
            )
        )  # fmt: skip
        if state == "held":
            heads.append((new_id(), name, local_day(starts_at), number % 211, None, LONG_AGO))
    return sessions, heads


NOTICE = """year = 2015
organisation = "某市总工会"
title = "实事项目"
[[programme]]
code = "culture"
name = "送文化"
[[programme.target]]
id = "sessions"
metric = "sessions"
unit = "场"
bound = "plain"
value = {value}
counting = "flow"
"""


@pytest.mark.parametrize("value", [0, -1, 0.0])
async def test_a_promise_of_nothing_is_refused_on_every_path(app: Litestar, value: float) -> None:
    """By the API, by a form of the desk and in the file of a year: of nothing there are no hundredths."""
    owner = await make_organisation()
    programme = await make_programme(owner)
    actor = await make_actor(Role.ORGANISER, owner)
    target = {"key": "s", "metric": "sessions", "label": "场次", "wording": "0场", "unit": "场", "bound": "plain"}
    body = {
        "organisation_id": str(owner.id), "year": 2015, "code": "none", "name": "没有", "position": 1,
        "targets": [{**target, "value": value}],
    }  # fmt: skip
    async with client_of(app, actor) as client:
        answer = await client.post("/api/v1/programmes", json=body)
    async with browser_of(app, actor) as browser:
        path = f"/desk/programmes/{programme.id}/targets/new"
        form = await post_form(browser, path, {**target, "counting": "flow", "basis": "all", "value": value})
    assert answer.status_code == form.status_code == 422
    assert "value" in str(answer.json()["errors"])
    assert await db.value("SELECT count(*) FROM programmes_target") == 0
    with pytest.raises(InvalidError) as refused:
        notice_of(NOTICE.format(value=value).encode())
    assert any("value" in one.field for one in refused.value.problems)
