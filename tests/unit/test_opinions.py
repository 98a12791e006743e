"""The three questions: sums, who is asked when, what is withheld, what the page says first, who may answer."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.attendance.opinions.domain.opinions import (
    CHANGE_WORDS,
    LEAST_FOR_STAFF,
    LEAST_TO_SHOW,
    QUESTIONS,
    OpinionSummary,
    added,
    check_time,
    shown_from,
    summary_of,
)
from outreach.attendance.opinions.forms import OpinionForm
from outreach.attendance.opinions.giving import Said, check_said
from outreach.attendance.opinions.reading import least_for
from outreach.attendance.opinions.who import check_in_of, given_by, who_of
from outreach.attendance.opinions.wording import news_of, questions_for, to_change
from outreach.attendance.remembering import Remembered, cookie_of
from outreach.events.domain.visibility import SessionFacts
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import InvalidError
from tests.factories.events import STARTS_AT

ENDS_AT = STARTS_AT + timedelta(minutes=90)
SECOND = timedelta(seconds=1)
mark = st.integers(1, 5)
answers = st.lists(st.tuples(mark, mark, mark, st.sampled_from(["", *CHANGE_WORDS])), max_size=40)


def counted(said: list[tuple[int, int, int, str]]) -> OpinionSummary:
    marks = {name: tuple([one[at] for one in said].count(m) for m in range(1, 6)) for at, name in enumerate(QUESTIONS)}
    return summary_of(marks, {code: sum(one[3] == code for one in said) for code in CHANGE_WORDS})  # type: ignore[arg-type]


@given(answers)
def test_a_summary_says_what_a_plain_count_says(said: list[tuple[int, int, int, str]]) -> None:
    found = counted(said)

    assert found.answers == len(said)
    for at, name in enumerate(QUESTIONS):
        mean = getattr(found, name)
        assert mean == (pytest.approx(sum(one[:3][at] for one in said) / len(said)) if said else None)
        assert sum(found.marks[name]) == len(said)
    if said:
        assert found.mean is not None
        assert found.mean == pytest.approx(sum(sum(one[:3]) for one in said) / len(said) / 3)
        assert 1 <= found.mean <= 5
    else:
        assert found.mean is None
    assert sum(found.changes.values()) == sum(one[3] != "" for one in said)
    assert list(found.changes) == list(CHANGE_WORDS)


@given(answers, answers)
def test_added_up_every_answer_weighs_the_same(
    one: list[tuple[int, int, int, str]], two: list[tuple[int, int, int, str]]
) -> None:
    assert added([counted(one), counted(two)]) == counted(one + two) == added([counted(two), counted(one)])


@given(answers, st.integers(1, 8))
def test_with_too_few_only_their_number_is_told(said: list[tuple[int, int, int, str]], least: int) -> None:
    shown = shown_from(counted(said), least)

    assert shown.answers == len(said)
    if len(said) >= least:
        assert shown == counted(said)
    else:
        assert (shown.mean, shown.useful, shown.delivery, shown.arrangement) == (None,) * 4
        assert (shown.marks, shown.changes) == ({}, {})


@pytest.mark.parametrize("state", ["published", "held", "closed"])
def test_from_the_start_until_fourteen_days_after_the_end(state: str) -> None:
    last = ENDS_AT + timedelta(days=14)
    for now in (STARTS_AT, ENDS_AT, last):
        check_time(state, STARTS_AT, ENDS_AT, now)
    for now, why in ((STARTS_AT - SECOND, "too-early"), (last + SECOND, "over")):
        with pytest.raises(OpinionClosedError) as refused:
            check_time(state, STARTS_AT, ENDS_AT, now)
        assert refused.value.facts["why"] == why


@pytest.mark.parametrize("state", ["cancelled", "draft"])
def test_nobody_is_asked_of_what_never_was(state: str) -> None:
    with pytest.raises(OpinionClosedError) as refused:
        check_time(state, STARTS_AT, ENDS_AT, ENDS_AT)
    assert refused.value.facts == {"why": "cancelled"}


def test_the_delivery_is_asked_for_in_words_of_the_kind() -> None:
    asked = {kind: questions_for(kind)["delivery"] for kind in ("讲座", "心理辅导", "演出", "电影", "展览", "招聘会")}
    assert asked == {
        "讲座": "讲得清楚",
        "心理辅导": "讲得清楚",
        "演出": "演得精彩",
        "电影": "演得精彩",
        "展览": "活动办得好",
        "招聘会": "活动办得好",
    }
    assert [*questions_for("讲座")] == [*QUESTIONS]


def test_the_page_leads_with_what_to_change() -> None:
    fives = (5, 5, 5)
    said = [(*fives, "length")] * 3 + [(*fives, "time")] * 3 + [(*fives, "nothing")] * 9
    found = counted(said)

    assert to_change(found) == [("length", 3), ("time", 3)]
    assert news_of(found, 3) == "15份里，最想改的是时长、时间，各3份。"
    assert news_of(counted([*said, (*fives, "time")]), 3) == "16份里，最想改的是时间，4份。"
    assert news_of(counted(said[6:]), 3) == "收到9份，没有人说要改什么。"
    assert news_of(counted(said[:2]), 3) == "收到2份，还差1份才显示。"
    assert news_of(None, 3) == "还没有人评价。"


def test_who_is_known_by_a_signature_for_this_alone() -> None:
    secret, one, other = b"s" * 32, uuid4(), uuid4()
    who = who_of(secret, one)

    assert check_in_of(secret, who) == one
    cookie = cookie_of(secret, Remembered(name="苏婉", unit="厂", number=None, device="d"))
    signature = who.partition(".")[2]
    forged = [
        "",
        str(one),
        f"{one}.",
        f"{other}.{signature}",
        who[:-1],
        who + "0",
        "é." + signature,
        f"{one}.é",
        f"{one}.{cookie.partition('.')[2]}",
        who_of(b"x" * 32, one),
    ]
    for text in forged:
        with pytest.raises(InvalidError) as refused:
            check_in_of(secret, text)
        assert [(p.field, p.code) for p in refused.value.problems] == [("who", "check-in-unknown")]


def test_what_is_kept_of_who_answered_tells_nothing() -> None:
    one, key = uuid4(), b"k" * 32

    kept = given_by(key, one)
    assert (len(kept), kept == given_by(key, one), kept == given_by(b"x" * 32, one)) == (64, True, False)
    assert one.hex not in kept
    assert kept != given_by(key, UUID(int=one.int ^ 1))


def test_every_bad_field_is_named() -> None:
    with pytest.raises(InvalidError) as refused:
        check_said(Said(0, 6, 3, "weather", "长" * 301))
    assert [(p.field, p.code) for p in refused.value.problems] == [
        ("useful", "not-one-of"),
        ("delivery", "not-one-of"),
        ("change", "not-one-of"),
        ("words", "too-long"),
    ]
    assert set(OpinionForm.__struct_fields__) == {*QUESTIONS, "change", "words"}


def test_from_how_many_on_who_reads() -> None:
    host, person, path = uuid4(), uuid4(), "/city/"

    def actor(role: Role, at: str = path, organisation: UUID | None = None, person_id: UUID | None = None) -> Actor:
        return Actor(person_id or uuid4(), "甲", (Grant(role, organisation or uuid4(), "工会", at),))

    facts = SessionFacts("held", "public", path, host, "grassroots_union", (person,))
    assert least_for(actor(Role.ORGANISER), facts) == LEAST_FOR_STAFF == 3
    assert least_for(actor(Role.EVALUATOR), facts) == LEAST_FOR_STAFF
    assert least_for(actor(Role.CONTACT, "/city/union/", host), facts) == LEAST_FOR_STAFF
    assert least_for(actor(Role.PROVIDER, person_id=person), facts) == LEAST_TO_SHOW == 5
    for stranger in (
        actor(Role.PROVIDER),
        actor(Role.CONTACT, "/city/other/"),
        actor(Role.CONTACT, "/city/other/", person_id=person),  # gives it no more
        actor(Role.ORGANISER, "/elsewhere/"),
        actor(Role.EVALUATOR, "/elsewhere/"),
    ):
        assert least_for(stranger, facts) is None
