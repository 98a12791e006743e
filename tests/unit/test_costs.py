"""Money as people type it, amounts in capitals, numbers that are never stored, and the lines made of them."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.costs.domain.capitals import MOST_CAPITAL_FEN, capitals
from outreach.attendance.costs.domain.drafts import (
    CostDraft,
    draft_of,
    line_words,
    may_have_costs,
    refuse_unless_fits,
)
from outreach.attendance.costs.domain.money import (
    KIND_WORDS,
    MOST_FEN,
    fen_of,
    fen_per,
    half_hours_of,
    hours_text,
    mean_fen,
    plain_yuan,
    yuan_text,
)
from outreach.attendance.costs.domain.private import holds_private_number
from outreach.attendance.costs.fees import FeeLine, payees_of
from outreach.attendance.costs.queries import Spending
from outreach.attendance.costs.wording import budget_sentence, share_rows
from outreach.events.domain.states import SessionState
from outreach.shared.errors import InvalidError
from outreach.shared.ids import new_id
from tests.factories.events import STARTS_AT

SOMEBODY = UUID(int=1)

# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1200", 120_000),
        ("1,200.50", 120_050),
        ("1，200.5", 120_050),
        ("１２００．５０", 120_050),
        ("1200元", 120_000),
        ("1200元整", 120_000),
        ("¥1,200", 120_000),
        ("￥1200.00", 120_000),
        ("人民币1200元", 120_000),
        ("800块钱", 80_000),
        (" 1 200 ", 120_000),
        ("1.2万元", 1_200_000),
        ("0", 0),
        ("0.01", 1),
        ("1.500", 150),
        ("0007", 700),
        ("-5", -500),
        ("12,345,678.90", 1_234_567_890),
    ],
)
def test_amounts_as_they_are_typed(text: str, fen: int) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "元",
        "1.005",
        "1,20",
        "12,00",
        "1.2.3",
        "一千二",
        "$5",
        "1e3",
        "0x10",
        "1200 美元",
        "1/2",
        ".5",
        "5.",
        "٣",
        "nan",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert fen_of(text) is None


@given(st.integers(0, MOST_FEN))
def test_every_amount_is_read_as_it_is_written(fen: int) -> None:
    assert fen_of(yuan_text(fen)) == fen_of(plain_yuan(fen)) == fen


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    fen = fen_of(text)
    assert fen is None or isinstance(fen, int)
    assert half_hours_of(text) is None or 1 <= (half_hours_of(text) or 0) <= 400


def test_amounts_are_written_with_two_decimals() -> None:
    assert [yuan_text(fen) for fen in (0, 5, 120_050, MOST_FEN)] == ["0.00", "0.05", "1,200.50", "1,000,000,000.00"]
    assert plain_yuan(120_050) == "1200.50"


@pytest.mark.parametrize(
    ("text", "halves"),
    [("2", 4), ("2.5", 5), ("２．５", 5), ("1.50", 3), ("0.5", 1), ("3课时", 6), ("1.5小时", 3), ("200", 400)],
)
def test_hours_are_kept_in_halves(text: str, halves: int) -> None:
    assert half_hours_of(text) == halves
    assert half_hours_of(hours_text(halves)) == halves


@pytest.mark.parametrize("text", ["", "0", "0.0", "1.25", "200.5", "-1", "两", "1:30", "99999"])
def test_what_are_no_hours(text: str) -> None:
    assert half_hours_of(text) is None


def test_a_rate_and_a_mean_are_rounded_to_a_fen() -> None:
    assert fen_per(60_000, 3) == 90_000
    assert fen_per(10_001, 1) == 5_001
    assert [mean_fen(100, 3), mean_fen(200, 3), mean_fen(1, 2), mean_fen(5, 0)] == [33, 67, 1, None]


# --- capitals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (15, "壹角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (1_000, "壹拾元整"),
        (1_500, "壹拾伍元整"),
        (10_000, "壹佰元整"),
        (10_100, "壹佰零壹元整"),
        (11_000, "壹佰壹拾元整"),
        (100_100, "壹仟零壹元整"),
        (120_050, "壹仟贰佰元伍角整"),
        (120_005, "壹仟贰佰元零伍分"),
        (140_950, "壹仟肆佰零玖元伍角整"),  # example of the rule
        (600_714, "陆仟零柒元壹角肆分"),  # example of the rule
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),  # example of the rule
        (10_700_053, "壹拾万柒仟元伍角叁分"),  # example of the rule, in the form without 零
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (1_001_000, "壹万零壹拾元整"),
        (10_050_000, "壹拾万零伍佰元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_500_000, "壹亿零伍仟元整"),
        (10_000_050_000, "壹亿零伍佰元整"),
        (10_001_000_000, "壹亿零壹万元整"),
        (12_000_000_000, "壹亿贰仟万元整"),
        (1_000_000_000_100, "壹佰亿零壹元整"),
        (100_000_000_000, "壹拾亿元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (100_010_000_000_000, "壹万零壹亿元整"),
        (123_456_789_012_345, "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
    ],
)
def test_amounts_in_capitals(fen: int, said: str) -> None:
    assert capitals(fen) == said


@pytest.mark.parametrize("fen", [-1, MOST_CAPITAL_FEN + 1])
def test_what_has_no_capitals(fen: int) -> None:
    with pytest.raises(ValueError, match="no amount in capitals"):
        capitals(fen)


def _read(said: str) -> int:
    """分 of an amount in capitals, by the values of the characters alone."""
    yuan, _, part = said.partition("元") if "元" in said else ("", "", said)
    whole = block = section = digit = 0
    for character in yuan:
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        elif character in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        elif character == "万":
            block += (section + digit) * 10_000
            section = digit = 0
        else:
            whole += (block + section + digit) * 100_000_000
            block = section = digit = 0
    fen = (whole + block + section + digit) * 100
    for number, character in pairwise(part):
        if character in "角分":
            fen += "零壹贰叁肆伍陆柒捌玖".index(number) * (10 if character == "角" else 1)
    return fen


@given(st.one_of(st.integers(0, 10**7), st.integers(0, MOST_CAPITAL_FEN)))
def test_capitals_say_the_amount_and_nothing_else(fen: int) -> None:
    said = capitals(fen)

    assert _read(said) == fen
    assert "零零" not in said
    assert said.endswith(("分", "整"))
    assert ("分" in said) is bool(fen % 10)
    assert not any(noise in said for noise in ("零元", "零万", "零亿", "零拾", "零角")) or fen == 0


# --- numbers that are never stored -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "320501198001011234",
        "身份证32050119800101123X",
        "证号：320501 19800101 123x",
        "３２０５０１１９８００１０１１２３４",
        "老身份证320501800101123",
        "6222021234567890123",
        "卡号6222 0212 3456 7890 123，工行",
        "6222-0212-3456-7890",
        "账号110203040506",
        "6222–0212–3456–7890",
    ],
)
def test_private_numbers_are_seen(text: str) -> None:
    assert holds_private_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2课时，每课时600元",
        "电话13812345678",
        "电话138 1234 5678",
        "8613812345678",
        "0512-65223344",
        "051265223344",
        "0512-65223344 13812345678",
        "13812345678、13912345678",
        "13812345678 13912345678",
        "20150912-20150913",
        "2015-09-12 14:00",
        "发票号12345678",
        "数电票25322000000012345678",
        "三场1200 3500 4800",
        "合同SZ2015091500012345",
    ],
)
def test_other_numbers_are_not_refused(text: str) -> None:
    assert not holds_private_number(text)


# --- lines -----------------------------------------------------------------------------------------------------------


def _problems(**given: object) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        draft_of(**{"kind": "fee", "amount": "", **given})  # type: ignore[arg-type]
    return {one.field: one.code for one in refused.value.problems}


def test_a_line_from_what_was_typed() -> None:
    assert draft_of(
        kind="fee", amount="1,200元", hours="2", provider_id=SOMEBODY, source=" 本级工会经费 ", note="两 节课"
    ) == CostDraft(
        kind="fee", amount_fen=120_000, provider_id=SOMEBODY, half_hours=4, source="本级工会经费", note="两 节课"
    )


def test_a_fee_by_the_hour_is_reckoned() -> None:
    assert draft_of(kind="fee", amount="", per_hour="600", hours="1.5").amount_fen == 90_000
    assert draft_of(kind="fee", amount="900.00", per_hour="600", hours="1.5").amount_fen == 90_000


def test_every_bad_field_is_named() -> None:
    assert _problems() == {"amount": "required"}
    assert _problems(kind="bribe", amount="viel", hours="x", note="320501198001011234") == {
        "kind": "not-one-of",
        "amount": "not-money",
        "hours": "bad-cost-hours",
        "note": "private-number",
    }
    assert _problems(amount="-5") == {"amount": "too-small"}
    assert _problems(amount="1000000000.01") == {"amount": "too-large-number"}
    assert _problems(per_hour="600") == {"hours": "hours-for-rate"}
    assert _problems(per_hour="600", hours="2", amount="1000") == {"amount": "amount-differs"}
    assert _problems(per_hour="1000000000", hours="2") == {"per_hour": "too-large-number"}
    assert _problems(amount="5", source="账号6222021234567890123") == {"source": "private-number"}


def test_a_line_fits_its_session() -> None:
    fee = CostDraft(kind="fee", amount_fen=1, provider_id=SOMEBODY)
    refuse_unless_fits(fee, [SOMEBODY])
    refuse_unless_fits(fee, [], kept=SOMEBODY)
    for draft, found in (
        (fee, {"provider_id": "not-found"}),
        (
            CostDraft(kind="travel", amount_fen=1, provider_id=SOMEBODY, half_hours=2),
            {"provider_id": "only-of-a-fee", "hours": "only-of-a-fee"},
        ),
    ):
        with pytest.raises(InvalidError) as refused:
            refuse_unless_fits(draft, [])
        assert {one.field: one.code for one in refused.value.problems} == found


def test_which_sessions_take_lines() -> None:
    assert {state.value for state in SessionState if may_have_costs(state)} == set(SessionState) - {"draft"}


def test_the_journal_says_the_line_without_its_note() -> None:
    draft = CostDraft(
        kind="fee", amount_fen=120_050, provider_id=SOMEBODY, half_hours=3, source="财政资金", note="王女士代领"
    )
    assert line_words(draft, {SOMEBODY: "沈若兰"}) == [
        KIND_WORDS["fee"],
        "沈若兰",
        "1.5课时",
        "1,200.50元",
        "财政资金",
    ]
    assert line_words(CostDraft(kind="other", amount_fen=0), {}) == ["其他", "0.00元"]


# --- sums ------------------------------------------------------------------------------------------------------------


def test_the_sentence_over_a_budget() -> None:
    spent = Spending(1_234_550, {"": 1_234_550}, {"fee": 1_234_550}, sessions=10, visits=1000)
    assert budget_sentence(50_000, spent) == "预算50,000元，已用12,345.50元（24.7%），每场1,234.55元，每人次12.35元。"
    assert budget_sentence(10_000, spent) == (
        "预算10,000元，已用12,345.50元（123.5%），超出预算2,345.50元，每场1,234.55元，每人次12.35元。"
    )
    assert budget_sentence(None, spent) == "没有定预算，已用12,345.50元，每场1,234.55元，每人次12.35元。"
    assert budget_sentence(0, spent) == "预算0元，已用12,345.50元，超出预算12,345.50元，每场1,234.55元，每人次12.35元。"
    assert budget_sentence(50_000, Spending()) == "预算50,000元，还没有登记费用。"


def test_parts_of_a_whole() -> None:
    assert share_rows({"财政资金": 200, "": 100}, {"": "没有写明"}) == [
        ("财政资金", 200, "66.7%"),
        ("没有写明", 100, "33.3%"),
    ]
    assert share_rows({"a": 0}, {}) == [("a", 0, "")]


def _fee(provider: UUID | None, fen: int) -> FeeLine:
    return FeeLine(
        provider_id=provider, name="沈若兰" if provider else "", session_id=new_id(), title="睡眠", kind="讲座",
        starts_at=STARTS_AT, cancelled=False, half_hours=4, amount_fen=fen, source="", note="",
    )  # fmt: skip


def test_the_sheet_has_one_signature_for_each_payee() -> None:
    payees = payees_of([_fee(SOMEBODY, 60_000), _fee(None, 100), _fee(SOMEBODY, 60_050), _fee(None, 200)])

    assert [(one.name, one.fen, one.in_capitals) for one in payees] == [
        ("沈若兰", 120_050, "壹仟贰佰元伍角整"),
        ("", 100, "壹元整"),
        ("", 200, "贰元整"),
    ]
