"""Everything that can be written by API, written wrongly: each field named in the caller's language, nothing stored."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.attendance.tables import Cost, Evidence
from outreach.materials.tables import MaterialItem, MaterialRound
from outreach.programmes.tables import OutsideService
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.statistics.commands.opening import open_form
from outreach.web.schema import document
from tests.factories.accounts import LONG_AGO, client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_target

BOOKED = {"seats": 5, "contact_name": "陈巧云", "contact_phone": "13800000000"}
HEADCOUNT = {"on": "2015-05-12", "total": 80, "workers": 70, "estimated": False, "breakdown": {"women": 20}}
HOURS = {
    "max_per_organisation": 6, "cancel_hours": 24, "two_step_orders": False, "offer_hours": 24, "answer_hours": 72,
    "closing_days": 14, "remind_days": 3, "remind_morning": True,
}  # fmt: skip
ORDERED = {
    "joined_by": ["<other>"], "windows": [{"date": "2015-10-12", "part": "afternoon"}], "audience": 60,
    "address": "食堂二楼", "district": "吴中", "site_lacks": "没有投影", "contact_name": "陈巧云",
    "contact_phone": "13800000000", "note": "备注", "agrees_public": False,
    "organisers": [{"part": "support", "organisation_id": "<other>"}],
}  # fmt: skip
WAVE = {
    "name": "第一批", "opens_at": "2015-10-01T08:00:00+08:00", "closes_at": "2015-10-11T08:00:00+08:00",
    "for_whom": "unserved", "districts": [], "unserved_years": 2, "max_per_organisation": 2, "places": 20,
    "quotas": [{"district": "姑苏", "places": 3}], "session_ids": ["<session>"], "event_ids": ["<event>"],
}  # fmt: skip
TARGET = {
    "key": "talks", "metric": "sessions", "unit": "场", "bound": "about", "value": 50, "counting": "flow",
    "tolerance_percent": 10, "label": "讲座", "wording": "50场左右",
}  # fmt: skip

#: A body that each operation would take; ``<word>`` is the id of that thing.
BODIES: dict[str, dict[str, Any]] = {
    "applyForMaterials": {"organisation_id": "<union>", "wanted": 10, "members": 100, "hazard": True, "note": "车间用"},
    "createOrganisation": {
        "code": "NEW-1", "name": "新厂工会", "kind": "grassroots_union", "parent_id": "<root>", "district": "姑苏",
        "ownership": "public", "industry": "机械", "member_count": 10, "member_count_on": "2015-01-01",
        "women_count": 5,
    },
    "changeOrganisation": {
        "code": "NEW-2", "name": "新厂工会", "kind": "grassroots_union", "parent_id": "<root>", "district": "姑苏",
        "ownership": "public", "industry": "机械", "member_count": 10, "member_count_on": "2015-01-01",
        "women_count": 5,
    },
    "createProgramme": {
        "year": 2015, "code": "new", "name": "新项目", "organisation_id": "<root>", "mark": "新", "short_name": "新",
        "department": "宣教部", "scheduled": True, "confidential": False, "approval_needed": False,
        "audiences": ["职工"], "kinds": ["讲座"], "forms": ["讲座"], "topics": ["心理"], "channels": ["电话"],
        "reservable_by": ["工会"], "budget_yuan": 1, "zones": 1, "quarter_shares": [30, 30, 30, 10], "account": "",
        "targets": [TARGET], **HOURS,
    },
    "changeProgramme": {
        "code": "new", "name": "新项目", "mark": "新", "short_name": "新", "department": "宣教部", "scheduled": True,
        "confidential": False, "approval_needed": False, "audiences": ["职工"], "kinds": ["讲座", "演出"],
        "forms": ["讲座"], "topics": ["心理"], "channels": ["电话"], "reservable_by": ["工会"], "budget_yuan": 1,
        "zones": 1, "quarter_shares": [30, 30, 30, 10], "account": "", "targets": [TARGET], **HOURS,
    },
    "setLimits": {"per_programme": 6, "per_year": 12},
    "addTally": {
        "target_id": "<target>", "on": "2015-05-12", "quantity": 10, "receiver": "某校", "session_id": "<held>",
        "note": "备注",
    },
    "addEvent": {
        "programme_id": "<programme>", "title": "讲座", "kind": "讲座", "duration_minutes": 90, "topic": "心理",
        "summary": "说明", "audience": "职工", "site_needs": "话筒", "min_audience": 10, "max_audience": 100,
        "providers": ["<provider>"], "active": True,
        "orderable": True, "lead_days": 3,
    },
    "changeEvent": {
        "title": "讲座", "kind": "讲座", "duration_minutes": 90, "topic": "心理", "summary": "说明", "audience": "职工",
        "site_needs": "话筒", "min_audience": 10, "max_audience": 100, "providers": ["<provider>"], "active": True,
        "orderable": True, "lead_days": 3,
    },
    "addProvider": {
        "kind": "lecturer", "name": "沈若兰", "organisation_id": "<root>", "title": "教授", "topics": ["心理"],
        "home_district": "姑苏", "availability": "周一", "max_per_day": 1, "max_per_week": 2, "max_per_month": 3,
        "parallel_teams": 1, "phone": "13800000001", "active": True, "available_parts": ["2-afternoon"],
        "absences": [{"from_on": "2015-10-12", "until_on": "2015-10-14", "reason": "外出"}],
    },
    "changeProvider": {
        "kind": "lecturer", "name": "沈若兰", "organisation_id": "<root>", "title": "教授", "topics": ["心理"],
        "home_district": "姑苏", "availability": "周一", "max_per_day": 1, "max_per_week": 2, "max_per_month": 3,
        "parallel_teams": 1, "phone": "13800000001", "active": True, "available_parts": ["2-afternoon"],
        "absences": [{"from_on": "2015-10-12", "until_on": "2015-10-14", "reason": "外出"}],
    },
    "addVenue": {
        "name": "活动中心", "organisation_id": "<root>", "address": "金山路1号", "district": "吴中", "capacity": 100,
        "rooms": 1, "setup_minutes": 0, "takedown_minutes": 0, "directions": "三楼", "active": True,
    },
    "changeVenue": {
        "name": "活动中心", "organisation_id": "<root>", "address": "金山路1号", "district": "吴中", "capacity": 100,
        "rooms": 1, "setup_minutes": 0, "takedown_minutes": 0, "directions": "三楼", "active": True,
    },
    "createSession": {
        "event_id": "<event>", "programme_id": "<programme>", "organisation_id": "<root>", "title": "讲座",
        "kind": "讲座", "starts_at": "2015-10-12T14:00:00+08:00", "ends_at": "2015-10-12T15:30:00+08:00",
        "provider_ids": ["<provider>"], "venue_id": "<venue>", "host_id": "<union>", "address": "三楼",
        "district": "吴中", "multi_day": False, "setup_minutes": 0, "takedown_minutes": 0, "capacity": 50,
        "claimable": False, "visibility": "public", "approval_needed": False,
        "booking_opens_at": "2015-10-01T08:00:00+08:00", "booking_closes_at": "2015-10-11T08:00:00+08:00",
        "max_seats_per_booking": 20, "note": "说明", "organisers": [{"organisation_id": "<root>", "part": "host"}],
    },
    "changeSession": {
        "title": "讲座", "kind": "讲座", "starts_at": "2015-10-12T14:00:00+08:00",
        "ends_at": "2015-10-12T15:30:00+08:00", "provider_ids": ["<provider>"], "venue_id": "<venue>",
        "host_id": "<union>", "address": "三楼", "district": "吴中", "multi_day": False, "setup_minutes": 0,
        "takedown_minutes": 0, "capacity": 50, "claimable": False, "visibility": "public", "approval_needed": False,
        "booking_opens_at": "2015-10-01T08:00:00+08:00", "booking_closes_at": "2015-10-11T08:00:00+08:00",
        "max_seats_per_booking": 20, "note": "说明", "reason": "场地另用", "override_reason": "已问过讲师",
    },
    "publishSession": {"override_reason": "已问过讲师"},
    "bookSeats": {"session_id": "<session>", "organisation_id": "<union>", "note": "备注", "waitlist": False, **BOOKED},
    "changeBooking": {"note": "备注", **BOOKED},
    "cancelBooking": {"reason": "不去了", "by": "unit"},
    "declineBooking": {"reason": "名额不够"},
    "cancelSession": {"by": "weather", "reason": "台风"},
    "claimSession": {
        "organisation_id": "<union>", "address": "厂内食堂", "audience": 60, "contact_name": "陈巧云",
        "contact_phone": "13800000000",
    },
    "correctSession": {"field": "total", "on": "2015-05-12", "value": 90, "reason": "数错了"},
    "putHeadcount": HEADCOUNT,
    "reportHeadcount": {**HEADCOUNT, "remark": "照签到表数", "organisation_id": "<union>"},
    "giveFeedback": {
        "lecturer": 5, "content": 4, "organising": 5, "again": True, "words": "讲得实在", "organisation_id": "<union>",
    },
    "checkIn": {"code": "123456", "name": "陈巧云", "unit": "姑苏机械厂工会", "phone": "13800000000"},
    "addAttendee": {
        "name": "陈巧云", "unit": "姑苏机械厂工会", "organisation_id": "<union>", "phone": "13800000000",
        "on": "2015-05-12", "expected": False, "is_worker": True, "groups": ["women"],
    },
    "undoAttendee": {"reason": "认错了人"},
    "recordTicks": {
        "on": "2015-05-12",
        "ticks": [{"key": "01a20176-ee88-75e7-8332-475296aefd02", "name": "陈巧云", "unit": "厂", "present": True}],
    },
    "giveOpinion": {
        "who": "01a20176-ee88-75e7-8332-475296aefd02.x", "useful": 5, "delivery": 4, "arrangement": 5,
        "change": "length", "words": "讲得实在",
    },
    "closeSession": {"remarks": "按时办完", "missing_reason": "没有照片"},
    "removeEvidence": {"reason": "传错了"},
    "recordCost": {
        "kind": "fee", "amount": "1200.50", "per_hour": "", "hours": "2", "provider_id": "<giver>",
        "source": "本级工会经费", "note": "两课时",
    },
    "changeCost": {
        "kind": "fee", "amount": "1200.50", "hours": "2", "provider_id": "<giver>", "source": "本级工会经费",
        "note": "两课时", "reason": "数错了",
    },
    "removeCost": {"reason": "重复登记"},
    "putCoverageGoals": {"organisation_id": "<root>", "goals": [{"year": 2015, "percent": 20}]},
    "addOutsideService": {
        "organisation_id": "<union>", "on": "2015-05-12", "name": "职工体检", "visits": 120, "people": 110,
        "note": "体检中心的数", "form_key": "01a20176-ee88-75e7-8332-475296aefd02",
    },
    "removeOutsideService": {"reason": "重复"},
    "putVerdict": {"decision": "change", "note": "分初级和提高"},
    "openStatistics": {
        "form": "chengdu-song-wennuan", "year": 2015, "organisation_id": "<root>", "hand_in_on": "2016-01-12",
        "organisation_ids": ["<union>"],
    },
    "putStatisticsValues": {"values": {"1A1": 5}, "notes": {"1A1": "按台账"}},
    "openStatisticsBelow": {"due_on": "2016-01-10", "organisation_ids": ["<union>"]},
    "returnStatistics": {"note": "合计对不上"},
    "correctStatistics": {"values": {"1A1": 6}, "reason": "数错了"},
    "createReportJob": {
        "kind": "pdf", "year": 2015, "as_of": "2015-09-15", "organisation": "SZ", "programme": "new",
        "period": "2015-09", "form": "full", "note": "",
    },
    "closeYear": {"organisation_id": "<root>", "reason": "年底再补"},
    "reopenYear": {"organisation_id": "<root>", "reason": "漏了三场"},
    "copyYear": {
        "organisation_id": "<root>", "programme_ids": ["<programme>"],
        "values": [{"target_id": "<target>", "value": 60}],
    },
    "holdSession": {"no_shows": ["<booking>"], "reasons": {}},
    "offerPart": {"seats": 5, "reason": "先到一部分"},
    "moveInQueue": {"place": 1, "reason": "上次让过"},
    "createOpening": {"programme_id": "<programme>", **WAVE},
    "changeOpening": WAVE,
    "submitOrder": {"event_id": "<event>", "organisation_id": "<union>", **ORDERED},
    "changeOrder": ORDERED,
    "declineOrder": {"by_phone": False, "reason": "名额不够"},
    "withdrawOrder": {"reason": "不办了"},
    "leaveOrder": {"organisation_id": "<other>", "reason": "人手不够"},
    "assignOrder": {
        "provider_ids": ["<provider>"], "starts_at": "2015-10-12T14:00:00+08:00",
        "ends_at": "2015-10-12T15:30:00+08:00", "address": "食堂二楼", "rain_starts_at": "2015-10-13T14:00:00+08:00",
        "override_reason": "已问过讲师", "reason": "换一天",
    },
    "acceptOrder": {"by_phone": True},
    "takeBackOrder": {"reason": "另派"},
    "substituteProvider": {"provider_ids": ["<provider>"], "reason": "病假", "override_reason": "已问过讲师"},
    "decideRainDate": {"use": True, "reason": "大雨"},
    "reviewOrder": {"lecturer": 5, "content": 4, "organising": 5, "again": True, "words": "讲得实在"},
    "recordPastSession": {
        "event_id": "<event>", "programme_id": "<programme>", "organisation_id": "<root>", "title": "讲座",
        "kind": "讲座", "starts_at": "2015-05-12T14:00:00+08:00", "ends_at": "2015-05-12T15:30:00+08:00",
        "provider_ids": ["<provider>"], "venue_id": "<venue>", "host_id": "<union>", "address": "三楼",
        "district": "吴中", "multi_day": False, "setup_minutes": 0, "takedown_minutes": 0, "capacity": 50,
        "claimable": False, "visibility": "public", "approval_needed": False,
        "booking_opens_at": "2015-05-01T08:00:00+08:00", "booking_closes_at": "2015-05-11T08:00:00+08:00",
        "max_seats_per_booking": 20, "note": "说明", "organisers": [{"organisation_id": "<root>", "part": "host"}],
        "headcounts": [HEADCOUNT],
    },
}  # fmt: skip

WRONG_TIMES = ["1900-01-01T09:00:00+08:00", "9999-12-31T23:59:59+08:00", "2015-10-12T14:00:00", "明天下午"]
WRONG_DAYS = ["1900-01-01", "9999-12-31", "2015-02-30", "明天"]
TIMES = {
    "starts_at", "ends_at", "booking_opens_at", "booking_closes_at", "opens_at", "closes_at", "rain_starts_at",
}  # fmt: skip


def wrong_values(name: str, value: Any) -> Iterator[Any]:
    """What somebody hostile or unlucky puts in the place of ``value``."""
    if name in TIMES:
        yield from WRONG_TIMES
    elif name in ("on", "member_count_on", "hand_in_on", "due_on", "as_of"):
        yield from WRONG_DAYS
    elif isinstance(value, bool):
        yield from ("yes", 7)
    elif isinstance(value, int):
        yield from (-1, 10**20, 1.5, "1e400", True)
        if name not in MAY_BE_ZERO:
            yield 0
        if name not in MAY_BE_A_BILLION:
            yield 10**9
    elif isinstance(value, str):
        yield from ("字" * 100_000, "铃\x07铃", "\u202e倒", 7)
    elif isinstance(value, list):
        yield from ("x", [None], ["字" * 100_000], [[]])
    else:
        yield from (7, [], {"total\x00": 1}, {"women": 10**9}, {"women": -1})


MAY_BE_ZERO = {
    "member_count", "women_count", "budget_yuan", "zones", "quantity", "setup_minutes", "takedown_minutes", "value",
    "total", "workers", "cancel_hours", "lead_days", "visits", "people", "remind_days",
}  # fmt: skip
MAY_BE_A_BILLION = {"budget_yuan", "quantity"}


def operations(app: Litestar) -> dict[str, tuple[str, str]]:
    """Operation → method and path, of all that take a body."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document(app)["paths"].items()
        for method, operation in methods.items()
        if method in ("post", "put", "patch", "delete") and "requestBody" in operation
    }


class Desk:
    """An administrator's client on a small stock, what the database holds, and a client of the union's contact."""

    def __init__(
        self, client: httpx.AsyncClient, unit: httpx.AsyncClient, known: dict[str, str], language: str
    ) -> None:
        self.client, self.unit, self.known, self.language = client, unit, known, language

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return self.known[value] if isinstance(value, str) and value in self.known else value

    async def send(self, method: str, path: str, operation: str, **given: Any) -> httpx.Response:
        session = {
            "claimSession": "<claimable>", "putHeadcount": "<held>", "correctSession": "<held>",
            "holdSession": "<held>", "publishSession": "<draft>", "reportHeadcount": "<hosted>",
            "recordTicks": "<held>", "closeSession": "<held>", "recordCost": "<held>", "removeEvidence": "<held>",
        }  # fmt: skip
        order = {"assignOrder": "<approved>"}
        booking = "<waiting>" if operation in ("offerPart", "moveInQueue") else "<booking>"
        ids = {
            "{organisation_id}": "<union>", "{programme_id}": "<programme>", "{event_id}": "<event>",
            "{provider_id}": "<provider>", "{venue_id}": "<venue>", "{booking_id}": booking,
            "{session_id}": session.get(operation, "<session>"), "{opening_id}": "<opening>",
            "{order_id}": order.get(operation, "<order>"), "{evidence_id}": "<evidence>", "{cost_id}": "<cost>",
            "{service_id}": "<service>", "{round_id}": "<round>",
            "{table_id}": "<locked>" if operation == "correctStatistics" else "<table>",
        }  # fmt: skip
        path = path.replace("{year}", "2015")
        for name, word in ids.items():
            path = path.replace(name, self.known[word])
        client = self.unit if operation == "reportHeadcount" else self.client
        return await client.request(method, path, headers={"Accept-Language": self.language}, **given)


@pytest.fixture(params=["zh", "en"])
async def desk(app: Litestar, database: None, request: pytest.FixtureRequest) -> Any:
    root = await make_organisation(code="SZ")
    union = await make_organisation(parent=root)
    programme = await make_programme(root)
    target = await make_target(programme, metric="tally")
    event = await make_event(programme)
    provider, venue = await make_provider(root), await make_venue(root)
    session = await make_session(event)
    claimable = await make_session(event, claimable=True)
    held = await make_session(
        event, state="held", starts_at=session.starts_at.replace(month=5, day=12), providers=(provider,)
    )
    evidence = Evidence(
        session=held.id, kind="photo", digest="a" * 64, media_type="image/jpeg", size_bytes=9, created_at=LONG_AGO
    )
    cost = Cost(session=held.id, kind="other", amount_fen=9_00, created_at=LONG_AGO, changed_at=LONG_AGO)
    service = OutsideService(organisation=union.id, on=date(2015, 5, 12), name="体检", visits=9, created_at=LONG_AGO)
    staff = await make_actor(Role.ORGANISER, root)
    table = await open_form(
        staff, datetime(2015, 9, 1, tzinfo=UTC), form="chengdu-bangfu-zhongxin", year=2015, organisation_id=root.id
    )
    locked = await open_form(
        staff, datetime(2015, 9, 1, tzinfo=UTC), form="chengdu-song-wennuan", year=2015, organisation_id=root.id
    )
    await db.execute("UPDATE statistics_table SET state = 'locked', figures = '{}' WHERE id = $1", locked.id)
    for row in (evidence, cost, service):
        await row.save()
    hosted = await make_session(event, state="held", starts_at=held.starts_at, host=union.id, visibility="host")
    booking = await make_booking(session, await make_organisation(parent=root))
    full = await make_session(event, capacity=20)
    await make_booking(full, union)
    other = await make_organisation(parent=root)
    await make_giver(event, provider)
    item = MaterialItem(organisation=root.id, name="手册", unit="册", stock=90, created_at=LONG_AGO)
    await item.save()
    round_ = MaterialRound(
        item=item.id, programme=programme.id, title="手册申报", quantity=50, apply_until=date(2015, 10, 31),
        hazard_percent=100, created_at=LONG_AGO,
    )  # fmt: skip
    await round_.save()
    made: dict[str, Any] = {
        "<root>": root, "<union>": union, "<programme>": programme, "<target>": target, "<event>": event,
        "<provider>": provider, "<venue>": venue, "<session>": session, "<claimable>": claimable, "<held>": held,
        "<hosted>": hosted, "<giver>": provider, "<evidence>": evidence, "<cost>": cost, "<service>": service,
        "<table>": table, "<locked>": locked, "<round>": round_,
        "<booking>": booking, "<waiting>": await make_booking(full, other, state="waitlisted", seats=10),
        "<other>": other, "<draft>": await make_session(event, state="draft", published_at=None),
        "<order>": await make_order(event, union), "<approved>": await make_order(event, union, state="approved"),
        "<opening>": await make_opening(programme, events=(await make_event(programme),)),
    }  # fmt: skip
    actor, contact = await make_actor(Role.ADMINISTRATOR, None), await make_actor(Role.CONTACT, union)
    async with client_of(app, actor) as client, client_of(app, contact) as unit:
        yield Desk(client, unit, {word: str(one.id) for word, one in made.items()}, request.param)


async def stored() -> dict[str, tuple[int, str]]:
    """Every table with its number of rows and a hash of them."""
    found = {}
    for one in await db.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
        rows = await db.row(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {one['name']} t")
        assert rows is not None
        found[one["name"]] = (rows[0], rows[1])
    del found["accounts_api_token"]  # notes the day of its use
    return found


async def test_every_operation_that_takes_a_body_is_in_the_list(app: Litestar) -> None:
    assert set(operations(app)) == set(BODIES)


async def test_every_wrong_field_is_named_and_nothing_is_stored(app: Litestar, desk: Desk) -> None:
    """0, −1, 10⁹ and 1.5; 100,000 characters; control characters; 1900 and 9999; other types than asked for."""
    before, wrong = await stored(), list[str]()
    tried = 0
    for name, (method, path) in operations(app).items():
        body = desk.filled(BODIES[name])
        for field, right in body.items():
            for value in wrong_values(field, right):
                answer = await desk.send(method, path, name, json={**body, field: value})
                tried += 1
                if (trouble := _trouble(answer, field, desk.language)) is not None:
                    wrong.append(f"{name} {field}={str(value)[:30]!r}: {trouble}")

    assert not wrong, "\n".join(wrong)
    assert await stored() == before
    assert tried > 1800


def _trouble(answer: httpx.Response, field: str, language: str) -> str | None:
    """What is wrong with a refusal of ``field``."""
    if answer.status_code != 422:
        return f"{answer.status_code} {answer.text[:200]}"
    if answer.headers["content-type"] != "application/problem+json":
        return answer.headers["content-type"]
    problem = answer.json()
    if problem["type"] != "/problems/invalid":
        return str(problem["type"])
    messages = {one["field"].split(".")[0]: one["message"] for one in problem["errors"]}
    if field not in messages:
        return f"names {list(messages)}"
    # What is quoted (a unit, the words to choose from) stays as it is in every language.
    words = re.sub(r"“.*?”|[：:].*", "", messages[field]) + problem["title"]
    chinese = re.search(r"[\u4e00-\u9fff]", words) is not None
    return None if chinese == (language == "zh") else f"says {words!r}"


@pytest.mark.parametrize("desk", ["en"], indirect=True)
async def test_every_missing_and_unknown_field_is_named(app: Litestar, desk: Desk) -> None:
    before, wrong = await stored(), list[str]()
    schemas = document(app)["components"]["schemas"]
    for name, (method, path) in operations(app).items():
        body = desk.filled(BODIES[name])
        required = schemas[_schema_of(app, name)].get("required", [])
        for field in required:
            answer = await desk.send(method, path, name, json={k: v for k, v in body.items() if k != field})
            wrong += [
                f"{name} without {field}: {trouble}" for trouble in [_trouble(answer, field, desk.language)] if trouble
            ]
        answer = await desk.send(method, path, name, json={**body, "seats_left": 3})
        trouble = _trouble(answer, "seats_left", desk.language)
        wrong += [f"{name} with seats_left: {trouble}"] if trouble else []

    assert not wrong, "\n".join(wrong)
    assert await stored() == before


def _schema_of(app: Litestar, operation: str) -> str:
    for methods in document(app)["paths"].values():
        for one in methods.values():
            if isinstance(one, dict) and one.get("operationId") == operation:
                schema = one["requestBody"]["content"]["application/json"]["schema"]
                return str(schema.get("$ref") or schema["oneOf"][0]["$ref"]).rsplit("/", 1)[1]
    raise AssertionError(operation)


UNREADABLE: list[tuple[str, bytes, str]] = [
    ("broken", b'{"seats": 1,', "application/json"),
    ("a list", b"[]", "application/json"),
    ("a word", b'"seats"', "application/json"),
    ("no UTF-8", b'{"note": "\xff\xfe"}', "application/json"),
    ("a lone surrogate", b'{"note": "\\ud800"}', "application/json"),
    ("very deep", b'{"note": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "application/json"),
    ("not a number", b'{"seats": NaN}', "application/json"),
    ("a form", b"seats=1&note=x", "application/x-www-form-urlencoded"),
    ("plain text", b'{"seats": 1}', "text/plain"),
    ("XML", b"<seats>1</seats>", "application/xml"),
    ("a broken multipart", b"--x\r\nhello", "multipart/form-data; boundary=x"),
    ("a multipart without boundary", b"hello", "multipart/form-data"),
    ("message pack", b"\x81\xa5seats\x01", "application/x-msgpack"),
    ("no type", b"seats", ""),
]


@pytest.mark.parametrize("desk", ["en"], indirect=True)
@pytest.mark.parametrize(("content", "kind"), [one[1:] for one in UNREADABLE], ids=[one[0] for one in UNREADABLE])
async def test_what_cannot_be_read_is_refused_everywhere(app: Litestar, desk: Desk, content: bytes, kind: str) -> None:
    """Broken JSON and wrong content types: 400, 415 or 422 as a problem, and nothing stored."""
    before, answers = await stored(), set[tuple[int, str]]()
    for name, (method, path) in operations(app).items():
        headers = {"Content-Type": kind} if kind else {}
        desk.client.headers.update(headers)
        answer = await desk.send(method, path, name, content=content)
        answers.add((answer.status_code, answer.headers["content-type"]))

    assert {status for status, _type in answers} <= {400, 415, 422}
    assert {type_ for _status, type_ in answers} == {"application/problem+json"}
    assert await stored() == before
