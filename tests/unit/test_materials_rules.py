"""States of rounds and applications, who may what, and what is said of them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from outreach.materials.applications import ApplicationRow
from outreach.materials.domain import states
from outreach.materials.domain.permissions import (
    may_apply_for,
    may_keep,
    may_read_application,
    may_read_round,
    may_sign_for,
)
from outreach.materials.domain.states import (
    APPLICATION_WORDS,
    ROUND_WORDS,
    ApplicationState,
    RoundState,
    application_may_become,
    handed_state,
    round_may_become,
)
from outreach.materials.forms import parts_typed, promise_ids, revision_of
from outreach.materials.queries import RoundRow
from outreach.materials.wording import APPLICATION_MARKS, ROUND_MARKS, next_step, round_news, round_steps, why_proposed
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import InvalidError

CITY, DISTRICT, UNIT, OTHER = (uuid4() for _ in range(4))
CITY_PATH = f"/{CITY}/"
DISTRICT_PATH = f"{CITY_PATH}{DISTRICT}/"
UNIT_PATH = f"{DISTRICT_PATH}{UNIT}/"
OTHER_PATH = f"/{OTHER}/"


def actor(role: Role, organisation_id: UUID, path: str) -> Actor:
    return Actor(uuid4(), "测试员", (Grant(role, organisation_id, "某工会", path),))


CITY_STAFF = actor(Role.ORGANISER, CITY, CITY_PATH)
DISTRICT_STAFF = actor(Role.ORGANISER, DISTRICT, DISTRICT_PATH)
CONTACT = actor(Role.CONTACT, UNIT, UNIT_PATH)
STRANGER = actor(Role.CONTACT, OTHER, OTHER_PATH)
EVALUATOR = actor(Role.EVALUATOR, CITY, CITY_PATH)
LECTURER = actor(Role.PROVIDER, CITY, CITY_PATH)


def test_every_state_has_its_line_words_and_mark() -> None:
    assert set(states._ROUND) == set(ROUND_WORDS) == set(ROUND_MARKS) == set(RoundState)
    assert set(states._APPLICATION) == set(APPLICATION_WORDS) == set(APPLICATION_MARKS) == set(ApplicationState)


def test_a_round_goes_forward_and_once_back() -> None:
    allowed = {(a, b) for a in RoundState for b in RoundState if round_may_become(a, b)}

    assert allowed == {
        ("applying", "gathered"), ("applying", "cancelled"), ("gathered", "applying"), ("gathered", "confirmed"),
        ("gathered", "cancelled"), ("confirmed", "handed_out"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("handed", "ended", "state"),
    [(3, False, "handed_out"), (3, True, "handed_out"), (0, False, "granted"), (0, True, "uncollected")],
)
def test_a_correction_takes_an_application_where_it_belongs(handed: int, ended: bool, state: str) -> None:
    assert handed_state(handed, round_ended=ended) == state
    assert application_may_become(ApplicationState.RECEIVED, ApplicationState(state))


def test_who_keeps_reads_applies_and_signs() -> None:
    everybody = [CITY_STAFF, DISTRICT_STAFF, CONTACT, STRANGER, EVALUATOR, LECTURER]

    assert [may_keep(one, CITY_PATH) for one in everybody] == [True, False, False, False, False, False]
    assert [may_read_round(one, CITY_PATH) for one in everybody] == [True, True, True, False, False, False]
    assert [may_apply_for(one, CITY_PATH, UNIT, UNIT_PATH) for one in everybody] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [may_read_application(one, UNIT, UNIT_PATH) for one in everybody] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [may_sign_for(one, UNIT) for one in everybody] == [False, False, True, False, False, False]


def test_a_unit_outside_the_owners_tree_does_not_apply() -> None:
    assert not may_apply_for(STRANGER, CITY_PATH, OTHER, OTHER_PATH)
    assert not may_read_round(CONTACT, OTHER_PATH)


NOW = datetime(2015, 9, 15, 1, tzinfo=UTC)


def a_round(state: str, **given: object) -> RoundRow:
    values: dict[str, object] = {
        "id": uuid4(), "item_id": uuid4(), "item_name": "安全生产知识丛书", "unit": "套", "stock": 1000, "reserved": 0,
        "organisation_id": CITY, "organisation_name": "市总工会", "organisation_path": CITY_PATH,
        "programme_id": uuid4(), "programme_name": "发放万套安全生产知识丛书", "programme_kinds": (), "year": 2015,
        "target_id": None, "target_label": "", "title": "第一轮", "quantity": 1000,
        "apply_until": date(2015, 9, 20), "hazard_percent": 150, "note": "", "state": RoundState(state),
        "available": None, "cancelled_reason": "", "revision": 1, "applications": 12, "wanted": 1500,
        "granted": 1000, "handed": 300,
    }  # fmt: skip
    return RoundRow(**{**values, **given})  # type: ignore[arg-type]


def an_application(state: str, **given: object) -> ApplicationRow:
    values: dict[str, object] = {
        "id": uuid4(), "round_id": uuid4(), "organisation_id": UNIT, "organisation_name": "机械厂工会",
        "organisation_path": UNIT_PATH, "organisation_code": "U1", "district": "", "wanted": 100, "members": 300,
        "hazard": True, "note": "", "state": ApplicationState(state), "earlier": 50, "proposed": 80, "granted": 80,
        "reason": "", "handed": 0, "applied_by_name": "", "applied_at": NOW, "received_by_name": "",
        "received_at": None, "revision": 1,
    }  # fmt: skip
    return ApplicationRow(**{**values, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "on", "said"),
    [
        (a_round("applying"), date(2015, 9, 15), "申报到9月20日，已有12个单位，要1,500套，这一轮发1,000套。"),
        (a_round("applying"), date(2015, 9, 21), "申报到9月20日截止了，12个单位要1,500套，可以汇总。"),
        (a_round("gathered"), date(2015, 9, 21), "12个单位要1,500套，现在分了1,000套，看过就可以确定。"),
        (a_round("confirmed"), date(2015, 9, 21), "确定了1,000套，已发300套，还有700套没有发。"),
        (a_round("handed_out"), date(2015, 9, 21), "发放完毕，一共发了300套。"),
        (a_round("cancelled"), date(2015, 9, 21), "这一轮已经取消。"),
    ],
)
def test_a_round_says_its_news(row: RoundRow, on: date, said: str) -> None:
    assert round_news(row, on) == said


def test_steps_show_where_a_round_is() -> None:
    assert [mark for _words, _on, mark in round_steps(a_round("gathered"))] == ["ok", "now", "", ""]
    assert [mark for _words, _on, mark in round_steps(a_round("handed_out"))] == ["ok"] * 4
    assert round_steps(a_round("cancelled")) == []


def test_every_state_of_an_application_says_what_comes_next() -> None:
    row = a_round("confirmed")

    said = {state: next_step(row, an_application(state, handed=80), date(2015, 9, 21)) for state in ApplicationState}

    assert len(set(said.values())) == len(ApplicationState)
    assert said[ApplicationState.GRANTED] == "分到80套，请到市总工会领取，领的时候在签收表上签名。"


def test_the_rule_explains_itself() -> None:
    assert why_proposed(an_application("submitted"), 150) == "会员300人，有职业危害，以前领过50，按375人算"
    assert why_proposed(an_application("submitted", hazard=False, earlier=0), 150) == "会员300人"
    assert why_proposed(an_application("submitted", proposed=None), 150) == ""


def test_an_allocation_is_read_from_its_form() -> None:
    one, other = UUID(int=1), UUID(int=2)

    found = parts_typed({f"granted-{one}": "12", f"reason-{one}": "人多", f"granted-{other}": "0", "revision": "3"})

    assert {id_: (part.granted, part.reason) for id_, part in found.items()} == {one: (12, "人多"), other: (0, "")}
    with pytest.raises(InvalidError) as refused:
        parts_typed({f"granted-{one}": "zwölf", f"granted-{other}": ""})
    assert [(p.field, p.code) for p in refused.value.problems] == [
        (f"granted-{one}", "not-whole-number"), (f"granted-{other}", "required"),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "revision"), [("3", 3), ("", None), ("x", None), ("９", None), ("1" * 30, None)])
def test_a_revision_is_a_short_number(text: str, revision: int | None) -> None:
    assert revision_of({"revision": text}) == revision


def test_a_choice_names_programme_and_target() -> None:
    one, other = uuid4(), uuid4()

    assert promise_ids(str(one)) == (one, None)
    assert promise_ids(f"{one}:{other}") == (one, other)
    with pytest.raises(InvalidError):
        promise_ids("-" * 36)
