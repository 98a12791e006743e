"""Rules of orders that need no database: life, windows, who may what, and links."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.bookings.orders.domain import permissions
from outreach.bookings.orders.domain.drafts import (
    MenuItem,
    OrderDraft,
    Window,
    audience_problems,
    cleaned,
    draft_problems,
    offer_problems,
    window_problems,
    windows_within,
)
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.bookings.orders.domain.permissions import OrderFacts, possible_actions
from outreach.bookings.orders.domain.states import ENDED, NEXT, OPEN, ORDER_WORDS, OrderState, move
from outreach.bookings.orders.links import LinkGrant, link_token, read_link
from outreach.events.domain.parts import DayPart, part_bounds
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import FieldProblem, NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE

NOW = datetime(2015, 9, 15, 9, 0, tzinfo=ZONE)
SECRET = b"s" * 40


def test_every_state_has_its_next_ones_and_words() -> None:
    """No state is forgotten in any table, and what has ended leads nowhere."""
    assert set(NEXT) == set(OrderState) == {OrderState(state) for state in ORDER_WORDS}
    assert {state for state in OrderState if not NEXT[state]} == ENDED | {OrderState.REVIEWED}
    assert {state for state in OPEN if OrderState.WITHDRAWN not in NEXT[state]} == set()


@pytest.mark.parametrize(("now", "to"), list(product(OrderState, OrderState)))
def test_only_the_steps_of_the_table_are_possible(now: OrderState, to: OrderState) -> None:
    if to in NEXT[now]:
        assert move(now, to) is to
        return
    with pytest.raises(OrderStateError) as refused:
        move(now, to)

    assert refused.value.facts == {"state": now.value, "wanted": to.value}


def draft(**given: object) -> OrderDraft:
    made = OrderDraft(
        event_id=new_id(),
        organisation_id=new_id(),
        windows=(Window(date(2015, 9, 24), DayPart.AFTERNOON),),
        audience=80,
        address="金山路8号",
        contact_name="陈巧云",
        contact_phone="13800000000",
    )
    return replace(made, **given)  # type: ignore[arg-type]


def test_a_plain_draft_has_no_problems_and_is_kept_in_one_form() -> None:
    typed = draft(address="  金山路8号   食堂 ", contact_phone="+86 138-0000 0000", note=" 两个班组\n ")

    made = cleaned(typed)

    assert draft_problems(typed) == []
    assert (made.address, made.contact_phone, made.note) == ("金山路8号 食堂", "13800000000", "两个班组")


def test_a_bad_draft_names_every_field_at_once() -> None:
    unit, own = new_id(), new_id()
    bad = draft(
        organisation_id=own,
        address="  ",
        contact_phone="138",
        joined_by=(unit, own, unit),
        organisers=(("host", unit), ("boss", unit), ("host", unit)),
    )

    assert [(one.field, one.code) for one in draft_problems(bad)] == [
        ("contact_phone", "phone-length"),
        ("address", "required"),
        ("joined_by.1", "joined-is-orderer"),
        ("joined_by.2", "named-twice"),
        ("organisers.1.part", "not-one-of"),
        ("organisers.2", "named-twice"),
    ]


def test_at_most_twenty_units_join() -> None:
    assert draft_problems(draft(joined_by=tuple(new_id() for _ in range(20)))) == []
    assert [one.code for one in draft_problems(draft(joined_by=tuple(new_id() for _ in range(21))))] == [
        "too-many-joined"
    ]


AFTERNOON = DayPart.AFTERNOON


@pytest.mark.parametrize(
    ("windows", "codes"),
    [
        ([], ["window-needed"]),
        ([Window(date(2015, 9, 20 + n), AFTERNOON) for n in range(6)], ["too-many-windows"]),
        ([Window(date(2015, 9, 24), AFTERNOON)] * 2, ["window-twice"]),
        ([Window(date(2015, 9, 14), AFTERNOON)], ["window-past"]),
        ([Window(date(2015, 9, 16), AFTERNOON)], ["window-too-soon"]),
        ([Window(date(2105, 9, 16), AFTERNOON)], ["year-out-of-range"]),
        ([Window(date(2015, 9, 18), AFTERNOON), Window(date(2015, 9, 18), DayPart.EVENING)], []),
    ],
)
def test_windows_are_few_different_and_ahead(windows: list[Window], codes: list[str]) -> None:
    assert [one.code for one in window_problems(windows, NOW, lead_days=3)] == codes


def test_a_window_of_today_counts_until_its_part_is_over() -> None:
    """At nine the morning is still there; without lead days it may be wished for."""
    assert window_problems([Window(date(2015, 9, 15), DayPart.MORNING)], NOW) == []
    assert [
        one.code for one in window_problems([Window(date(2015, 9, 15), DayPart.MORNING)], NOW.replace(hour=12))
    ] == ["window-past"]


def test_a_window_that_the_order_has_already_is_not_too_soon() -> None:
    soon = Window(date(2015, 9, 16), AFTERNOON)

    assert window_problems([soon], NOW, lead_days=3, kept=[soon]) == []


@given(st.integers(0, 365 * 24 * 60), st.integers(1, 3 * 24 * 60))
def test_windows_within_are_exactly_those_that_overlap(offset: int, minutes: int) -> None:
    starts_at = datetime(2015, 1, 1, tzinfo=ZONE) + timedelta(minutes=offset)
    ends_at = starts_at + timedelta(minutes=minutes)
    found = windows_within(starts_at, ends_at)

    days = [starts_at.date() + timedelta(days=number) for number in range(-1, 6)]
    assert found == [
        Window(day, part)
        for day in days
        for part in DayPart
        if part_bounds(day, part)[0] < ends_at and starts_at < part_bounds(day, part)[1]
    ]


ITEM = MenuItem("讲座", True, True, True, False, 30, 100, 3)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"active": False}, ["not-orderable"]),
        ({"orderable": False}, ["not-orderable"]),
        ({"scheduled": False}, ["not-orderable"]),
        ({"confidential": True}, ["confidential-not-ordered"]),
    ],
)
def test_what_can_be_ordered(changed: dict[str, bool], codes: list[str]) -> None:
    assert [one.code for one in offer_problems(replace(ITEM, **changed))] == codes  # type: ignore[arg-type]


def test_an_event_is_made_for_so_many_people() -> None:
    assert audience_problems(29, ITEM) == [FieldProblem("audience", "audience-too-small", {"least": 30})]
    assert audience_problems(101, ITEM) == [FieldProblem("audience", "audience-too-large", {"most": 100})]
    assert audience_problems(30, ITEM) == audience_problems(100, ITEM) == []


ROOT, DISTRICT, UNIT, OTHER, JOINED = (UUID(int=number) for number in range(1, 6))
PERSON = UUID(int=9)
PATHS = {
    ROOT: f"/{ROOT}/",
    DISTRICT: f"/{ROOT}/{DISTRICT}/",
    UNIT: f"/{ROOT}/{DISTRICT}/{UNIT}/",
    OTHER: f"/{ROOT}/{OTHER}/",
    JOINED: f"/{ROOT}/{JOINED}/",
}


def facts(state: str = "submitted", *, two_step: bool = False, people: tuple[UUID, ...] = ()) -> OrderFacts:
    return OrderFacts(state, UNIT, PATHS[UNIT], PATHS[ROOT], (JOINED,), people, two_step)


def person(role: Role, at: UUID | None) -> Actor:
    grant = Grant(role, at, "", PATHS[at] if at else "/")
    return Actor(PERSON, "测试员", (grant,))


CONTACT, HEAD, ABOVE = person(Role.CONTACT, UNIT), person(Role.ORGANISER, ROOT), person(Role.ORGANISER, DISTRICT)
OWN_STAFF, FOREIGN, JOINS = person(Role.ORGANISER, UNIT), person(Role.CONTACT, OTHER), person(Role.CONTACT, JOINED)
GIVER, EVALUATOR = person(Role.PROVIDER, OTHER), person(Role.EVALUATOR, ROOT)

WHO = {
    "may_read": {"contact", "head", "above", "own staff", "joins", "giver"},
    "may_change": {"contact", "head", "above", "own staff"},
    "may_endorse": {"head", "above"},
    "may_approve": {"head"},
    "may_assign": {"head"},
    "may_answer": {"head", "giver"},
    "may_review": {"contact"},
    "may_see_phone": {"contact", "head", "above"},
}


@pytest.mark.parametrize("name", WHO)
def test_who_may_what(name: str) -> None:
    """One table of every predicate and every kind of person."""
    people = {
        "contact": CONTACT,
        "head": HEAD,
        "above": ABOVE,
        "own staff": OWN_STAFF,
        "foreign": FOREIGN,
        "joins": JOINS,
        "giver": GIVER,
        "evaluator": EVALUATOR,
    }
    may = getattr(permissions, name)

    assert {who for who, actor in people.items() if may(actor, facts(people=(PERSON,)))} == WHO[name]


def test_providers_see_the_telephone_while_they_still_have_to_come() -> None:
    seeing = [state for state in OrderState if permissions.may_see_phone(GIVER, facts(state, people=(PERSON,)))]

    assert seeing == [OrderState.ASSIGNED, OrderState.SCHEDULED]


def test_a_provider_of_another_order_reads_nothing() -> None:
    assert not permissions.may_read(GIVER, facts(people=(UUID(int=77),)))


def test_who_endorses_may_decline_at_that_step_only() -> None:
    assert permissions.may_decline(ABOVE, facts(two_step=True))
    assert not permissions.may_decline(ABOVE, facts())
    assert not permissions.may_decline(ABOVE, facts("endorsed", two_step=True))
    assert permissions.may_decline(HEAD, facts("endorsed", two_step=True))


@pytest.mark.parametrize(
    ("actor", "state", "two_step", "actions"),
    [
        (CONTACT, "submitted", False, {"change", "withdraw"}),
        (HEAD, "submitted", False, {"change", "withdraw", "approve", "decline"}),
        (HEAD, "submitted", True, {"change", "withdraw", "endorse", "decline"}),
        (ABOVE, "submitted", True, {"change", "withdraw", "endorse", "decline"}),
        (HEAD, "endorsed", True, {"change", "withdraw", "approve", "decline"}),
        (HEAD, "approved", False, {"change", "withdraw", "decline", "assign"}),
        (HEAD, "assigned", False, {"withdraw", "assign", "answer", "take_back", "substitute"}),
        (GIVER, "assigned", False, {"answer"}),
        (HEAD, "scheduled", False, {"withdraw", "assign", "substitute"}),
        (CONTACT, "scheduled", False, {"withdraw"}),
        (CONTACT, "fulfilled", False, {"review"}),
        (CONTACT, "reviewed", False, set()),
        (HEAD, "declined", False, set()),
        (JOINS, "submitted", False, {"leave"}),
        (JOINS, "scheduled", False, {"leave"}),
        (JOINS, "fulfilled", False, set()),
    ],
)
def test_buttons_follow_state_and_person(actor: Actor, state: str, two_step: bool, actions: set[str]) -> None:
    assert possible_actions(actor, facts(state, two_step=two_step, people=(PERSON,))) == actions


grants = st.builds(
    LinkGrant,
    st.uuids(),
    st.uuids(),
    st.integers(1, 2**31 - 1),
    st.integers(1_000_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(grants)
def test_a_link_says_again_what_was_written_into_it(grant: LinkGrant) -> None:
    assert read_link(SECRET, link_token(SECRET, grant)) == grant


@given(grants, st.data())
def test_a_link_with_any_other_byte_is_refused(grant: LinkGrant, data: st.DataObject) -> None:
    """Any character in any place exchanged, the last one with its unused bits included."""
    token = link_token(SECRET, grant)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. 中").filter(
            lambda char: char != token[place]
        )
    )

    with pytest.raises(NotFoundError):
        read_link(SECRET, token[:place] + other + token[place + 1 :])


@given(grants, st.text(max_size=120))
def test_a_link_of_another_secret_or_of_any_text_is_refused(grant: LinkGrant, text: str) -> None:
    for secret, token in (
        (b"t" * 40, link_token(SECRET, grant)),
        (SECRET, text),
        (SECRET, link_token(SECRET, grant) + "="),
    ):
        with pytest.raises(NotFoundError):
            read_link(secret, token)
