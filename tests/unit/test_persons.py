"""Rules of leave, requests and hand-overs."""

from datetime import date

import pytest

from outreach.accounts.leave.domain.rules import LONGEST_DAYS, leave_problems
from outreach.accounts.requests.domain.rules import may_decide, name_key, sees_unmatched
from outreach.persons.domain.work import Work, WorkKind, by_kind
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.ids import new_id

TODAY = date(2015, 9, 15)


@pytest.mark.parametrize(
    ("first", "last", "problems"),
    [
        (date(2015, 9, 15), date(2015, 9, 15), []),
        (date(2015, 9, 1), date(2015, 9, 15), []),  # noted on the day of the return
        (date(2015, 9, 16), date(2015, 9, 15), [("last_on", "leave-days-order")]),
        (date(2015, 9, 1), date(2015, 9, 14), [("last_on", "leave-over")]),
        (date(2015, 9, 15), date(2016, 9, 14), []),
        (date(2015, 9, 15), date(2016, 9, 15), [("last_on", "leave-too-long")]),
        (date(1066, 10, 14), date(2015, 9, 15), [("from_on", "year-out-of-range")]),
    ],
)
def test_days_of_a_leave(first: date, last: date, problems: list[tuple[str, str]]) -> None:
    assert LONGEST_DAYS == 366
    assert [(one.field, one.code) for one in leave_problems(first, last, TODAY)] == problems


def actor(role: Role, path: str) -> Actor:
    return Actor(new_id(), "顾组织", (Grant(role, new_id(), "", path),))


def test_names_of_units_are_compared_without_blanks_and_widths() -> None:
    assert name_key("胥江 机械厂（集团）工会") == name_key("胥江机械厂(集团)工会")
    assert name_key("ABB工会") == name_key("ａｂｂ 工会")
    assert name_key("胥江机械厂工会") != name_key("胥江机械二厂工会")


def test_who_decides_on_requests() -> None:
    city, district = actor(Role.ORGANISER, "/a/"), actor(Role.ORGANISER, "/a/b/")
    contact, everything = actor(Role.CONTACT, "/a/"), Actor(new_id(), "", (Grant(Role.ADMINISTRATOR, None, "", "/"),))
    assert [sees_unmatched(one) for one in (city, district, contact, everything)] == [True, False, False, True]
    assert [may_decide(one, "/a/b/c/") for one in (city, district, contact, everything)] == [True, True, False, True]
    assert may_decide(district, "/a/x/") is False


def test_work_is_listed_kind_by_kind_and_by_day() -> None:
    def work(kind: WorkKind, title: str, on: date | None) -> Work:
        return Work(kind=kind, id=new_id(), title=title, unit="", on=on, state="", moves=False)

    groups = by_kind(
        [
            work(WorkKind.CLOSING, "丙", date(2015, 9, 1)),
            work(WorkKind.BOOKING, "乙", None),
            work(WorkKind.BOOKING, "甲", date(2015, 9, 20)),
            work(WorkKind.BOOKING, "丁", date(2015, 9, 19)),
        ]
    )
    assert [(kind, [one.title for one in mine]) for kind, mine in groups] == [
        (WorkKind.BOOKING, ["丁", "甲", "乙"]),
        (WorkKind.CLOSING, ["丙"]),
    ]
