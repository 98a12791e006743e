"""Pictures: where Chinese text breaks, what a poster holds, that its code leads to its address."""

import io

import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from outreach.sharing.drawing import PAPER, broken
from outreach.sharing.posters import Card, MonthPoster, SessionPoster, picture_of

ADDRESS = "http://127.0.0.1:8000/sessions/0198c0de-0000-7000-8000-000000000001"


def two_a_character(text: str) -> float:
    """A Chinese character is two wide, any other one."""
    return sum(1 if character.isascii() else 2 for character in text)


def test_chinese_breaks_anywhere_but_before_a_closing_mark_and_after_an_opening_one() -> None:
    assert broken("心理关爱，讲座", 8, two_a_character, 9) == ["心理关", "爱，讲座"]
    assert broken("走进《锡剧》专场", 6, two_a_character, 9) == ["走进", "《锡", "剧》专", "场"]
    assert broken("到 Suzhou Park 集合", 12, two_a_character, 9) == ["到 Suzhou", "Park 集合"]


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    assert broken("一二三四五六七八九十", 8, two_a_character, 2) == ["一二三四", "五六七…"]
    assert broken("一二三四", 8, two_a_character, 2) == ["一二三四"]
    assert broken("", 8, two_a_character, 2) == []


@given(st.text(alphabet="心理关爱讲座，。（）《》 abc12", max_size=60), st.integers(12, 40))
def test_breaking_loses_nothing_and_stays_inside(text: str, width: int) -> None:
    lines = broken(text, width, two_a_character, 1000)

    assert "".join("".join(lines).split()) == "".join(text.split())
    # Marks may hang over; a run of Latin letters, too long for any line, as well.
    assert all(two_a_character(line.rstrip("，。）》")) <= max(width, 24 + 2) for line in lines)


def poster(**given: object) -> SessionPoster:
    words: dict[str, object] = {
        "site": "苏州市总工会实事项目",
        "mark": "心",
        "overline": "心理关爱，讲座",
        "title": "职场压力管理与情绪调适",
        "facts": (("时间", "2015年10月12日（周一）14:00—15:30"), ("地点", "职工文化中心三楼报告厅")),
        "state": "",
        "address": ADDRESS,
        "call": "扫码看详情、预约",
        "foot": "苏州市总工会",
    }
    return SessionPoster(**{**words, **given})  # type: ignore[arg-type]


def has_code_at(picture: Image.Image, left: int, top: int, size: int, address: str) -> bool:
    """Whether each module of the address's code is where it should be, dark or light."""
    code = segno.make_qr(address, error="m")
    modules = [list(row) for row in code.matrix_iter(border=4)]
    scale = size // len(modules)
    off = (size - scale * len(modules)) // 2
    gray = picture.convert("L")
    return all(
        (gray.getpixel((left + off + x * scale + scale // 2, top + off + y * scale + scale // 2)) < 128) == bool(dark)  # type: ignore[operator]
        for y, row in enumerate(modules)
        for x, dark in enumerate(row)
    )


async def test_a_poster_is_small_the_same_again_and_its_code_leads_to_its_address() -> None:
    made = await picture_of(poster())
    again = await picture_of(poster())

    with Image.open(io.BytesIO(made.body)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1080, 1440))
        assert has_code_at(picture, 72, 1440 - 72 - 280, 280, ADDRESS)
        assert not has_code_at(picture, 72, 1440 - 72 - 280, 280, ADDRESS[:-1] + "2")
    assert len(made.body) < 150_000
    assert again is made


async def test_a_title_of_any_length_stays_above_the_code() -> None:
    """200 characters, a 60-character place, everything filled in: the rule above the code has paper around it."""
    long = poster(title="职" * 200, facts=tuple((f"第{n}", "苏" * 60) for n in range(8)), state="已取消", mark="")

    made = await picture_of(long)

    with Image.open(io.BytesIO(made.body)) as opened:
        picture = opened.convert("RGB")
        paper = tuple(int(PAPER[at : at + 2], 16) for at in (1, 3, 5))
        for y in (1440 - 72 - 280 - 45, 1440 - 72 - 280 - 20):
            assert {picture.getpixel((x, y)) for x in range(1080)} == {paper}


async def test_a_month_grows_with_its_sessions() -> None:
    days = tuple(
        (f"10月{n}日（周一）", (("14:00", "送文化进基层：" + "戏" * 40, "工业园区职工文化中心"),) * 2)
        for n in range(1, 9)
    )
    made = await picture_of(
        MonthPoster("站", "2015年10月活动安排", "公开20场", days, "还有4场", ADDRESS, "扫码", "总工会")
    )
    empty = await picture_of(MonthPoster("站", "2015年2月活动安排", "没有", (), "", ADDRESS, "扫码", "总工会"))

    with Image.open(io.BytesIO(made.body)) as picture:
        assert picture.size[0] == 1080
        assert picture.size[1] > 2400
        assert has_code_at(picture, 72, picture.size[1] - 72 - 280, 280, ADDRESS)
    with Image.open(io.BytesIO(empty.body)) as picture:
        assert picture.size == (1080, 1440)


async def test_a_card_has_the_shape_that_chats_expect() -> None:
    made = await picture_of(Card("站", "", "讲座", "题" * 120, ("2015年10月12日", "苏" * 90), "改期"))

    with Image.open(io.BytesIO(made.body)) as picture:
        assert picture.size == (1200, 630)
