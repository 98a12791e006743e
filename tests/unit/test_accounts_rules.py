"""The union tree, permissions, names, passwords, codes, identities."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.accounts.browser import own_path
from outreach.accounts.domain.entry_codes import new_entry_code, normal_entry_code
from outreach.accounts.domain.identity import identity_hash, last_four
from outreach.accounts.domain.names import looks_like_phone, name_problems, phone_problems, shown_phone
from outreach.accounts.domain.organisations import (
    KIND_NAMES,
    OrganisationKind,
    ancestor_ids,
    check_move,
    check_place,
    depth_of,
    path_below,
)
from outreach.accounts.domain.passwords import password_problems
from outreach.accounts.domain.permissions import (
    Held,
    may_grant,
    may_manage_person,
    may_place_below,
    may_read_details,
    may_read_organisation,
    may_see_person,
)
from outreach.accounts.wording import action_text, device_of
from outreach.notifications.wording import KINDS, message_href, message_text
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import InvalidError

CITY, DISTRICT, OTHER, UNION, COMMITTEE = (UUID(int=number) for number in range(1, 6))
CITY_PATH = path_below(None, CITY)
DISTRICT_PATH, OTHER_PATH = path_below(CITY_PATH, DISTRICT), path_below(CITY_PATH, OTHER)
UNION_PATH = path_below(DISTRICT_PATH, UNION)
COMMITTEE_PATH = path_below(UNION_PATH, COMMITTEE)


def actor(*grants: tuple[Role, UUID | None, str]) -> Actor:
    return Actor(uuid4(), "某人", tuple(Grant(role, one, "", path) for role, one, path in grants))


ADMINISTRATOR = actor((Role.ADMINISTRATOR, None, "/"))
ORGANISER = actor((Role.ORGANISER, DISTRICT, DISTRICT_PATH))
CONTACT = actor((Role.CONTACT, UNION, UNION_PATH))


def test_every_kind_has_a_name() -> None:
    assert set(KIND_NAMES) == set(OrganisationKind)
    assert len(OrganisationKind) == 11


def test_a_path_tells_the_way_from_the_root() -> None:
    assert ancestor_ids(UNION_PATH) == (CITY, DISTRICT, UNION)
    assert (depth_of(CITY_PATH), depth_of(COMMITTEE_PATH)) == (0, 3)


@pytest.mark.parametrize(
    ("kind", "parent", "field"),
    [
        ("guest", None, "parent_id"),
        ("womens_committee", None, "parent_id"),
        ("womens_committee", "culture_palace", "parent_id"),
        ("grassroots_union", "guest", "parent_id"),
        ("guest", "womens_committee", "parent_id"),
    ],
)
def test_a_place_that_unions_do_not_know_is_refused(kind: str, parent: str | None, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_place(OrganisationKind(kind), OrganisationKind(parent) if parent else None)

    assert [problem.field for problem in refused.value.problems] == [field]


def test_places_that_unions_know_are_taken() -> None:
    check_place(OrganisationKind.FEDERATION, None)
    check_place(OrganisationKind.GUEST, OrganisationKind.CULTURE_PALACE)
    check_place(OrganisationKind.WOMENS_COMMITTEE, OrganisationKind.GRASSROOTS_UNION)


def test_an_organisation_with_others_below_becomes_no_guest() -> None:
    with pytest.raises(InvalidError):
        check_place(OrganisationKind.GUEST, OrganisationKind.FEDERATION, has_below=True)


def test_nothing_hangs_below_itself() -> None:
    check_move(UNION_PATH, OTHER_PATH)
    check_move(UNION_PATH, None)
    for path in (UNION_PATH, COMMITTEE_PATH):
        with pytest.raises(InvalidError):
            check_move(UNION_PATH, path)


def test_everybody_knows_what_lies_above_and_below_and_nothing_beside() -> None:
    assert [may_read_organisation(CONTACT, p) for p in (CITY_PATH, DISTRICT_PATH, UNION_PATH, COMMITTEE_PATH)] == [
        True
    ] * 4
    assert not may_read_organisation(CONTACT, OTHER_PATH)
    assert may_read_organisation(ORGANISER, CITY_PATH)
    assert not may_read_organisation(ORGANISER, OTHER_PATH)
    assert may_read_organisation(ADMINISTRATOR, OTHER_PATH)
    assert not may_read_organisation(actor(), CITY_PATH)


def test_figures_are_for_those_who_run_it_or_act_for_it() -> None:
    assert may_read_details(ORGANISER, UNION, UNION_PATH)
    assert may_read_details(ORGANISER, CITY, CITY_PATH)
    assert may_read_details(CONTACT, UNION, UNION_PATH)
    assert not may_read_details(CONTACT, CITY, CITY_PATH)
    assert not may_read_details(CONTACT, COMMITTEE, COMMITTEE_PATH)


def test_roots_are_the_administrators() -> None:
    assert may_place_below(ADMINISTRATOR, None)
    assert not may_place_below(ORGANISER, None)
    assert may_place_below(ORGANISER, UNION_PATH)
    assert not may_place_below(ORGANISER, CITY_PATH)


def test_an_organiser_manages_only_people_without_power_elsewhere() -> None:
    """Whoever may hand out the way in to an account has all that the account may do."""
    here, there = Held(Role.CONTACT, UNION_PATH, is_over=False), Held(Role.CONTACT, OTHER_PATH, is_over=False)
    over, admin = Held(Role.CONTACT, OTHER_PATH, is_over=True), Held(Role.ADMINISTRATOR, "/", is_over=False)
    gone = Held(Role.CONTACT, UNION_PATH, is_over=True)

    assert may_manage_person(ORGANISER, [here])
    assert may_manage_person(ORGANISER, [here, over])
    assert may_manage_person(ORGANISER, [gone])
    assert not may_manage_person(ORGANISER, [here, there])
    assert not may_manage_person(ORGANISER, [here, admin])
    assert not may_manage_person(ORGANISER, [gone, over])
    assert not may_manage_person(ORGANISER, [])
    assert may_manage_person(ADMINISTRATOR, [admin])
    assert may_see_person(ORGANISER, [here, there])
    assert not may_see_person(ORGANISER, [there])
    assert not may_see_person(CONTACT, [here])


def test_only_administrators_make_administrators() -> None:
    assert may_grant(ADMINISTRATOR, Role.ADMINISTRATOR, None)
    assert not may_grant(ORGANISER, Role.ADMINISTRATOR, None)
    assert may_grant(ORGANISER, Role.ORGANISER, UNION_PATH)
    assert not may_grant(ORGANISER, Role.CONTACT, OTHER_PATH)
    assert not may_grant(CONTACT, Role.CONTACT, UNION_PATH)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-too-short"),
        ("  123456789  ", "password-too-short"),
        ("zhanglaoshi", "password-is-name"),
        ("ZHANGLAOSHI", "password-is-name"),
        ("13800000001", "password-is-name"),
        ("0123456789", "password-common"),
        ("aaaaaaaaaaaa", "password-common"),
        ("Woaini1314", "password-common"),
        ("x" * 201, "too-long"),
        ("with\x00 control", "bad-characters"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    problems = password_problems("password", password, ["zhanglaoshi", "13800000001", None])

    assert [(problem.field, problem.code) for problem in problems] == [("password", code)]


@pytest.mark.parametrize("password", ["correct horse battery", "石榴树下晒太阳的猫咪", "Zk7!mmpq02"])
def test_a_good_password_is_taken(password: str) -> None:
    assert password_problems("password", password, ["zhanglaoshi"]) == []


@pytest.mark.parametrize("code", [new_entry_code() for _number in range(20)], ids=range(20))
def test_a_code_is_read_back_however_it_is_typed(code: str) -> None:
    assert len(code) == 14
    assert normal_entry_code(code) == code
    assert normal_entry_code(f"  {code.lower().replace('-', ' ')} ") == code
    assert normal_entry_code("".join(chr(ord(ch) + 0xFEE0) for ch in code)) == code


@given(st.text(max_size=200))
def test_other_text_is_no_code_and_never_fails(text: str) -> None:
    found = normal_entry_code(text)

    assert found is None or normal_entry_code(found) == found


@pytest.mark.parametrize(
    ("phone", "codes"),
    [
        ("13800000001", []),
        ("051265001234", []),
        ("65001234", []),
        ("1380000000", ["phone-length"]),
        ("138000000012", ["phone-length"]),
        ("123", ["phone-length"]),
        ("0", ["bad-phone"]),
        ("9" * 20, ["bad-phone"]),
    ],
)
def test_a_phone_is_a_mobile_number_or_one_with_area_code(phone: str, codes: list[str]) -> None:
    assert [problem.code for problem in phone_problems("phone", phone)] == codes


def test_a_login_name_is_never_taken_for_a_phone() -> None:
    assert [problem.code for problem in name_problems("login_name", "138-0000 0001")] == ["login-name-is-number"]
    assert name_problems("login_name", "张老师") == []
    assert [looks_like_phone(text) for text in ("+86 138 0000 0001", "user138", "张老师", "123")] == [
        True,
        False,
        False,
        False,
    ]
    assert shown_phone("13800000001") == "138****0001"


def test_an_identity_is_the_same_however_the_number_is_written() -> None:
    key = b"k" * 32
    written = ["13800000001", "138-0000-0001", "+86 138 0000 0001", "１３８００００ 0001"]

    assert len({identity_hash(key, text) for text in written}) == 1
    assert len(identity_hash(key, "13800000001")) == 64
    assert identity_hash(key, "13800000001") != identity_hash(b"other", "13800000001")
    assert identity_hash(key, "sz a-00123") == identity_hash(key, "SZA00123")
    assert last_four("+86 138 0000 0001") == "0001"
    with pytest.raises(ValueError, match="neither"):
        identity_hash(key, " - ")


@pytest.mark.parametrize("wanted", ["/my", "/sessions/1?x=%2F%2Fa", "/desk/sessions?q=%E5%BF%83"])
def test_a_way_on_after_login_is_a_path_of_ours(wanted: str) -> None:
    assert own_path(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "",
        None,
        "/a\nb",
        "/login?next=/",
        "/x\\y",
        ["/a"],
    ],
)
def test_a_way_that_leads_elsewhere_is_not_taken(wanted: object) -> None:
    assert own_path(wanted) is None


def test_a_device_is_named_without_what_tells_people_apart() -> None:
    wechat = "Mozilla/5.0 (Linux; Android 14; ABC-AL00) AppleWebKit/537.36 Chrome/126.0 MicroMessenger/8.0.49"
    safari = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"
    )

    assert device_of(wechat) == "WeChat/Android"
    assert device_of(safari) == "Safari/iPhone"
    assert device_of("curl/8") == ""


def test_a_journal_line_says_the_deed_in_words() -> None:
    assert action_text("booking.cancelled") == "取消预约"
    assert action_text("organisation.moved") == "换上级"
    assert action_text("something.else") == "something.else"


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_worded_even_when_its_facts_are_missing(kind: str) -> None:
    assert "{" not in message_text(kind, {})
    assert "None" not in message_text(kind, {})


def test_a_message_says_what_when_and_why() -> None:
    facts = {
        "title": "睡眠与情绪",
        "starts_at": "2015-09-18T14:00:00+08:00",
        "old_starts_at": "2015-09-17T14:00:00+08:00",
        "reason": "讲师生病",
    }

    assert message_text("session-moved", facts) == (
        "场次有变动：“睡眠与情绪”，2015年9月18日（周五）14:00（原定2015年9月17日（周四）14:00）。"
        "您的预约仍然有效，时间不合适请取消。原因：讲师生病"
    )
    assert message_text("booking-confirmed", {"title": "{x} %s", "seats": 12}) == "预约已确认：“{x} %s”，12人。"
    assert message_href("booking", 1, {"session_id": "7"}) == "/sessions/7"
    assert message_href("session", 5, {}) == "/sessions/5"
    assert message_href("booking", 1, {}) == "/my"
