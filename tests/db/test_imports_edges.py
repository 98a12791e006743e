"""Imports at their edges: old previews, long names, the last day of the year, what belongs to others, the bulk path."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from outreach.imports import commands
from outreach.imports.handlers import HANDLERS
from outreach.imports.queries import preview_of
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import NotFoundError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.support.importing import HEADS, Federation, sheet_of
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def city(database: None) -> Federation:
    return await Federation().build()


# --- time passes -----------------------------------------------------------------------------------------------------


async def test_preview_of_yesterday_is_gone_though_nobody_has_swept(city: Federation, now: datetime) -> None:
    """It says what was to be changed a day ago; the file is sent again."""
    row, _shown = await city.preview(now, "venues", sheet_of("venues", [{}]))
    before = await db.value("SELECT count(*) FROM events_venue")
    later = now + timedelta(days=1, seconds=1)
    for deed in (
        commands.confirm(city.organiser, later, kind="venues", preview_id=row.id),
        commands.look_again(city.organiser, later, kind="venues", preview_id=row.id),
        preview_of(city.organiser, later, "venues", row.id),
    ):
        with pytest.raises(NotFoundError):
            await deed
    assert await db.value("SELECT count(*) FROM events_venue") == before
    _row, done = await commands.confirm(city.organiser, now + timedelta(hours=23), kind="venues", preview_id=row.id)
    assert done
    assert (await preview_of(city.organiser, later, "venues", row.id)).stored_at is not None


async def test_last_day_of_the_year_is_of_that_year(city: Federation, now: datetime) -> None:
    """31 December until midnight in Shanghai, where the same moments lie on two days in UTC."""
    await make_session(
        city.event, providers=(city.provider,), occupying=True,
        starts_at=datetime.fromisoformat("2015-12-31T07:00+08:00"), address="早场",
    )  # fmt: skip
    day = {"日期": "2015-12-31", "状态": "发布", "讲师团队": "沈若兰"}
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", [
        {**day, "开始": "07:30", "结束": "08:30"},  # 30 December in UTC, while the stored one runs
        {**day, "开始": "08:30", "结束": "10:00"},
        {**day, "开始": "22:00", "结束": "23:59"},
        {"日期": "2016-01-01"},
    ]))  # fmt: skip
    assert [(one.cell, one.code) for one in shown.rejected] == [("I2", "clash-stored"), ("A5", "programme-unknown")]
    await commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id)
    exported = await HANDLERS["sessions"].export_within(city.organiser, now)
    assert [(one["on"], one["start"], one["end"]) for one in exported] == [
        ("2015-12-31", "07:00", "08:30"),
        ("2015-12-31", "08:30", "10:00"),
        ("2015-12-31", "22:00", "23:59"),
    ]

    new_year = datetime.fromisoformat("2016-01-05T09:00+08:00")
    for kind, given in (
        ("past", {"日期": "2015-12-31", "开始": "19:00", "结束": "23:30"}),
        ("tallies", {"日期": "2015-12-31"}),
        ("units", {"会员数": 5, "会员数统计日期": "2015-12-31"}),
        ("persons", {"开始日期": "2015-12-31", "结束日期": "2016-12-31"}),
    ):
        row, shown = await city.preview(new_year, kind, sheet_of(kind, [given]))
        assert (row.made, row.rejected) == (1, 0), (kind, shown.rejected)
        await commands.confirm(city.organiser, new_year, kind=kind, preview_id=row.id)
        exported = await HANDLERS[kind].export_within(city.organiser, new_year)
        assert sum("2015-12-31" in str(one) and str(given.get("开始", "")) in str(one) for one in exported) >= 1
    headcount = await db.row(
        'SELECT h."on", s.state FROM attendance_headcount h JOIN events_session s ON s.id = h.session'
    )
    assert headcount is not None
    assert tuple(headcount) == (date(2015, 12, 31), "held")


async def test_names_of_sixty_are_kept_whole(city: Federation, now: datetime) -> None:
    name = "欧阳" * 30
    for kind, column, key in (
        ("units", "名称", "name"),
        ("persons", "姓名", "name"),
        ("providers", "姓名或团名", "name"),
        ("venues", "场地名称", "name"),
        ("events", "活动名称", "title"),
        ("tallies", "对象", "receiver"),
        ("sessions", "地址", "address"),
        ("past", "地址", "address"),
    ):
        row, shown = await city.preview(now, kind, sheet_of(kind, [{column: name}]))
        assert (row.made, row.rejected) == (1, 0), (kind, shown.rejected)
        await commands.confirm(city.organiser, now, kind=kind, preview_id=row.id)
        assert name in [one[key] for one in await HANDLERS[kind].export_within(city.organiser, now)]
        row, _shown = await city.preview(now, kind, sheet_of(kind, [{column: name}]))
        assert (row.same, row.made) == (1, 0), kind


# --- what belongs to others (rule 9) ---------------------------------------------------------------------------------


#: A column, what stands in it, and the same that nobody has: both are answered alike.
FOREIGN: list[tuple[str, str, str, str]] = [
    ("units", "上级", "WX-1", "没有的编码"),
    ("units", "上级", "无锡纺织厂工会", "没有的名称"),
    ("persons", "单位", "WX-1", "没有的编码"),
    ("persons", "单位", "无锡纺织厂工会", "没有的名称"),
    ("providers", "归属组织", "WX-1", "没有的编码"),
    ("providers", "系统编号", "{provider}", NOBODY),
    ("venues", "归属组织", "WX-1", "没有的编码"),
    ("venues", "系统编号", "{venue}", NOBODY),
    ("events", "项目", "太湖项目", "没有的项目"),
    ("events", "项目", "taihu", "nothing"),
    ("events", "讲师团队", "太湖讲师", "没有的讲师"),
    ("events", "系统编号", "{event}", NOBODY),
    ("sessions", "项目", "太湖项目", "没有的项目"),
    ("sessions", "项目", "taihu", "nothing"),
    ("sessions", "活动", "太湖的题目", "没有的题目"),
    ("sessions", "场地", "太湖会堂", "没有的场地"),
    ("sessions", "讲师团队", "太湖讲师", "没有的讲师"),
    ("sessions", "承接单位", "WX-1", "没有的编码"),
    ("sessions", "系统编号", "{session}", NOBODY),
    ("past", "项目", "太湖项目", "没有的项目"),
    ("past", "场地", "太湖会堂", "没有的场地"),
    ("past", "讲师团队", "太湖讲师", "没有的讲师"),
    ("past", "承接单位", "WX-1", "没有的编码"),
    ("past", "系统编号", "{session}", NOBODY),
    ("tallies", "项目", "太湖项目", "没有的项目"),
    ("tallies", "指标", "太湖指标", "没有的指标"),
    ("tallies", "系统编号", "{tally}", NOBODY),
]


@pytest.mark.parametrize(("kind", "column", "theirs", "nothing"), FOREIGN)
async def test_what_others_have_answers_like_what_nobody_has(
    city: Federation, now: datetime, kind: str, column: str, theirs: str, nothing: str
) -> None:
    """The refused cell and its reason are the same, and no fact of it comes from the others' data."""
    await make_organisation(parent=city.other, code="WX-1", name="无锡纺织厂工会")
    programme = await make_programme(city.other, name="太湖项目", code="taihu")
    event = await make_event(programme, title="太湖的题目")
    provider = await make_provider(city.other, name="太湖讲师")
    venue = await make_venue(city.other, name="太湖会堂")
    session = await make_session(event, providers=(provider,), venue=venue.id, address="太湖边")
    tally = await make_tally(await make_target(programme, metric="tally", label="太湖指标"), receiver="太湖厂")
    ids = {"event": event.id, "provider": provider.id, "venue": venue.id, "session": session.id, "tally": tally.id}

    answers = []
    for text in (theirs.format(**ids), nothing):
        row, shown = await city.preview(now, kind, sheet_of(kind, [{column: text}]))
        assert (row.made, row.changed, row.rejected) == (0, 0, 1)
        answers.append([(one.cell, one.code, _without(one.facts, text)) for one in shown.rejected])
        assert all(word not in str(msgspec.to_builtins(shown)).replace(text, "") for word in ("太湖", "无锡", "WX"))

    place = f"{chr(65 + HEADS[kind].index(column))}2"
    assert answers[0] == answers[1]
    assert [cell for cell, _code, _facts in answers[0]] == [place]


def _without(facts: dict[str, Any], text: str) -> dict[str, Any]:
    """A reason repeats the word that stands in the cell."""
    return {key: "what was written" if value == text else value for key, value in facts.items()}


async def test_district_fills_in_nothing_for_the_programme_of_the_city(city: Federation, now: datetime) -> None:
    """It knows the programme above itself, and its figures are not its own to give."""
    district = await make_organisation(parent=city.root, code="WZ", name="吴中区总工会", kind="federation")
    own = await make_actor(Role.ORGANISER, district)
    city.organiser = own
    row, shown = await city.preview(now, "tallies", sheet_of("tallies", [{}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("A2", "programme-of-another")]
    assert row.made == 0


async def test_entry_keeps_its_target(city: Federation, now: datetime) -> None:
    await make_target(city.programme, metric="tally", label="另一个指标", key="other", unit="册")
    tally = await make_tally(city.target, receiver="老厂")
    given = {"系统编号": str(tally.id), "指标": "另一个指标", "对象": "老厂"}
    _row, shown = await city.preview(now, "tallies", sheet_of("tallies", [given]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("B2", "target-moved")]


async def test_what_is_to_be_known_of_rows_that_are_taken(city: Federation, now: datetime) -> None:
    """More seats than the place has; another one at the same time elsewhere."""
    place = {"场地": "木渎职工活动中心", "地址": None, "名额": 500}
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", [place]))
    assert [(one.cell, one.code) for one in shown.notes] == [("K2", "above-venue")]
    assert (row.made, row.noted) == (1, 1)
    await city.load(now, "past", sheet_of("past", [{}]))
    row, shown = await city.preview(now, "past", sheet_of("past", [{"地址": "另一处"}]))
    assert [(one.cell, one.code) for one in shown.notes] == [("D2", "same-time")]
    assert (row.made, row.noted) == (1, 1)


# --- many at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sessions", "past"])
async def test_new_sessions_leave_the_lines_that_one_by_one_would_leave(
    city: Federation, now: datetime, kind: str
) -> None:
    rows: list[dict[str, Any]] = [{"开始": f"{hour:02d}:00", "讲师团队": "沈若兰"} for hour in (8, 10, 13)]
    if kind == "sessions":
        rows = [{**one, "状态": "发布"} for one in rows] + [{"开始": "16:00"}]
    row, shown = await city.preview(now, kind, sheet_of(kind, rows))
    assert row.rejected == 0, shown.rejected
    await commands.confirm(city.organiser, now, kind=kind, preview_id=row.id)

    lines = await db.rows(
        """SELECT j.action, j.from_state, j.to_state, j.actor_id, j.organisation_id, s.starts_at
             FROM accounts_journal j JOIN events_session s ON s.id = j.object_id ORDER BY s.starts_at, j.id"""
    )
    last = ["session.drafted"] if kind == "sessions" else []
    one = {
        "sessions": ["session.drafted", "session.published"],
        "past": ["session.drafted", "session.held", "headcount.recorded"],
    }[kind]
    assert [line["action"] for line in lines] == one * 3 + last
    assert {(line["actor_id"], line["organisation_id"]) for line in lines} == {(city.organiser.person_id, city.root.id)}
    assert await db.value("SELECT count(*) FROM notifications_outbox_message") == 0
    states = await db.rows("SELECT state, revision FROM events_session ORDER BY starts_at")
    done = ("published", 2) if kind == "sessions" else ("held", 2)
    assert [tuple(state) for state in states] == [done] * 3 + ([("draft", 1)] if last else [])
    assert await db.value("SELECT count(*) FROM events_occupation") == (3 if kind == "sessions" else 0)


async def test_storing_thirty_sessions_takes_the_statements_of_three(city: Federation, now: datetime) -> None:
    numbers = []
    for number, month in ((3, 10), (30, 11)):
        rows = [
            {"日期": f"2015-{month}-{n + 1:02d}", "讲师团队": "沈若兰", "状态": "发布",
             "场地": "木渎职工活动中心", "地址": None, "承接单位": "SZ-1"}
            for n in range(number)
        ]  # fmt: skip
        row, shown = await city.preview(now, "sessions", sheet_of("sessions", rows))
        assert (row.made, row.rejected) == (number, 0), shown.rejected
        with counted() as sent:
            await commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1] <= 60
