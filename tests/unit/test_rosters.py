"""Rosters: every messy sheet gives what a person counts in it; what is dangerous is refused; no number comes out."""

import io
import random
import struct
import zipfile

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.domain.identity import identity_of
from outreach.attendance.rosters.domain.cells import address, card_of, masked, name_of, phone_of, text_of, yes_or_no
from outreach.attendance.rosters.domain.found import REASONS, Person
from outreach.attendance.rosters.domain.headings import best_head, heading_of
from outreach.attendance.rosters.workbooks import template_workbook
from outreach.attendance.rosters.worker import Answer, Job, answer_of, copied
from tests.support.messy import MESSY
from tests.support.sheets import Page, csv_of, xls_of, xlsx_of

KEY = b"k" * 32


def read(content: bytes, **given: object) -> tuple[Answer, list[Person]]:
    job = msgspec.convert({"key": KEY.hex(), **given}, Job)
    answer, people = answer_of(job, content)
    return answer, msgspec.json.decode(people or b"[]", type=list[Person])


@pytest.mark.parametrize("name", MESSY)
def test_messy_sheet_gives_what_a_person_counts(name: str) -> None:
    messy = MESSY[name]

    answer, people = read(messy.content)

    assert answer.problem == ""
    assert tuple(one.name for one in people) == messy.people
    assert {one.cell: one.reason for one in answer.rejected} == messy.rejected
    assert tuple(one.cell for one in answer.duplicates) == messy.duplicates
    assert (answer.accepted, answer.rejected_count, answer.duplicate_count) == (
        len(messy.people),
        len(messy.rejected),
        len(messy.duplicates),
    )
    assert sum(one.by_number for one in people) == messy.numbers
    assert {one.unit for one in people} == set(messy.units)
    assert sum("women" in one.groups.split(",") for one in people) == messy.women
    assert sum("migrant" in one.groups.split(",") for one in people) == messy.migrants


@pytest.mark.parametrize("name", MESSY)
def test_no_number_leaves_the_reader(name: str) -> None:
    answer, people = answer_of(Job(key=KEY.hex()), MESSY[name].content)
    said = (msgspec.json.encode(answer) + people).decode()

    assert not any(number in said for number in ("1380000", "110105", "320500"))


def test_identities_are_those_of_every_other_way_in() -> None:
    rows: list[list[object]] = [["姓名", "单位", "手机", "会员卡号"]]
    rows += [["张明", "一厂", 13800000001, None], ["李芳", "一厂", None, None], ["王强", "一厂", None, "SZ20150001"]]

    _answer, people = read(xlsx_of(rows))

    wanted = [
        identity_of(KEY, number="138 0000 0001"),
        identity_of(KEY, name="李 芳", unit="一厂"),
        identity_of(KEY, number="sz2015 0001"),
    ]
    assert [(one.identity, one.by_number, one.tail) for one in people] == [
        (one.hash, one.by_number, one.tail) for one in wanted
    ]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("姓名", "name"), ("姓 名", "name"), ("*姓名（必填）", "name"), ("职工姓名", "name"), ("联系人姓名", ""),
        ("单位负责人姓名", ""), ("名字", "name"), ("单位", "unit"), ("工会名称(全称)", "unit"), ("所在单位", "unit"),
        ("单位电话", ""), ("手机", "phone"), ("联系\n电话", "phone"), ("联系方式", "phone"), ("办公电话", ""),
        ("身份证号", "card"), ("会员卡号", "member"), ("性别", "gender"), ("是否农民工", "migrant"),
        ("外来务工人员", "migrant"), ("新生代农民工", "new_generation"), ("备注", "remark"), ("序号", "index"),
        ("签到", "there"), ("签名", "remark"), (3.0, ""), ("", ""),
        ("说明：请各单位工会于9月10日前把参加人员的姓名和手机报来", ""),
    ],
)  # fmt: skip
def test_headings(cell: object, kind: str) -> None:
    assert heading_of(cell) == kind


def test_head_is_looked_for_in_the_first_thirty_rows() -> None:
    assert best_head([*[["x"]] * 29, ["姓名"]]) is not None
    assert best_head([*[["x"]] * 30, ["姓名"]]) is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (13800000001.0, ("13800000001", "")), ("13800000001", ("13800000001", "")),
        ("１３８００００００01", ("13800000001", "")),
        ("+86 138 0000 0001", ("13800000001", "")), ("138-0000-0001", ("13800000001", "")),
        ("13800000001/13800000002", ("13800000001", "")), ("0512-65200001", ("", "")), ("65200001", ("", "")),
        ("无", ("", "")), ("", ("", "")), (None, ("", "")), ("1.38E+10", ("", "number-cut")),
        ("12345678901", ("", "number-wrong")), ("1380000000", ("", "number-wrong")), ("#N/A", ("", "cell-error")),
        ("找班长", ("", "number-wrong")),
    ],
)  # fmt: skip
def test_telephones(cell: object, said: tuple[str, str]) -> None:
    assert phone_of(cell) == said


def test_cards_are_checked_by_their_last_character() -> None:
    assert card_of("11010519491231002X") == ("11010519491231002X", "")
    assert card_of("110105194912310021") == ("", "card-wrong")
    assert card_of(1.10105194912310e17) == ("", "card-cut")


@given(st.text(), st.floats() | st.integers() | st.booleans() | st.none() | st.text())
def test_any_cell_is_read_without_failing(text: str, cell: object) -> None:
    name_of(text), phone_of(text), card_of(text), yes_or_no(text), text_of(text), heading_of(text), masked(text)
    name_of(cell), phone_of(cell), card_of(cell), yes_or_no(cell), text_of(cell), heading_of(cell)


@given(
    st.lists(
        st.lists(st.none() | st.floats() | st.text(st.characters(codec="utf-8"), max_size=12), max_size=6), max_size=12
    )
)
def test_any_table_is_read_without_failing(rows: list[list[object]]) -> None:
    job = Job(key=KEY.hex(), form="copy")
    content = csv_of([["姓名", "单位", "手机"], *rows], "utf-8-sig")

    answer, people = answer_of(job, content)

    assert people.count(b"\n") == answer.accepted
    assert all(line.count(b"\t") == 6 for line in people.splitlines())


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_rows_for_copy_need_no_escape(name: str) -> None:
    said, _wrong = name_of(name)

    line = copied([Person(said, "", "0" * 64, False, "", None, "")]).decode()

    assert (line.count("\t"), line.count("\n"), line.replace("\\N", "").count("\\")) == (6, 1, 0)


def test_numbers_are_hidden_but_for_the_last_four() -> None:
    assert masked("张明138 0000 0001，65200001，2015年") == "张明****0001,****0001,2015年"
    assert masked("１３８００００００01转8") == "****0001转8"
    assert masked("11010519491231002X") == "****002X"


def test_addresses() -> None:
    assert [address(0, 0), address(9, 25), address(4, 26), address(0, 701), address(0, 702)] == [
        "A1", "Z10", "AA5", "ZZ1", "AAA1",
    ]  # fmt: skip


def test_every_reason_has_words_and_a_way_out() -> None:
    assert all(reason and remedy.endswith("。") for reason, remedy in REASONS.values())


# --- dangerous files --------------------------------------------------------------------------------------------------


def problem(content: bytes) -> str:
    return answer_of(Job(key=KEY.hex()), content)[0].problem


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts added or replaced; ``__`` stands for a slash, ``_xml`` for the ending."""
    out = io.BytesIO()
    names = {name.replace("__", "/").replace("_xml", ".xml"): data for name, data in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            if one.filename not in names:
                new.writestr(one, old.read(one))
        for name, data in names.items():
            new.writestr(name, data)
    return out.getvalue()


PLAIN = xlsx_of([["姓名", "单位"], ["张明", "一厂"]])


def test_zip_bombs_are_refused_before_they_are_opened() -> None:
    assert problem(repacked(PLAIN, xl__media__a_xml=b"\0" * 60_000_000)) == "roster-bomb"
    many = repacked(PLAIN, **{f"xl__media__a{n}_xml": b"" for n in range(2001)})
    assert problem(many) == "roster-bomb"


def test_zip_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(repacked(PLAIN, xl__media__a_xml=b"\0" * 60_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        about = archive.getinfo("xl/media/a.xml")
    small = struct.pack("<I", 100)
    place = bytes(bomb).rindex(b"xl/media/a.xml") - 46
    bomb[place + 24 : place + 28] = small
    bomb[about.header_offset + 22 : about.header_offset + 26] = small

    assert problem(bytes(bomb)) == "roster-bomb"


def test_external_links_are_refused() -> None:
    assert problem(repacked(PLAIN, xl__externalLinks__externalLink1_xml=b"<externalLink/>")) == "roster-links"
    assert problem(repacked(PLAIN, xl__connections_xml=b"<connections/>")) == "roster-links"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"   ", "roster-empty"),
        (b"<html><table><tr><td>\xe5\xa7\x93</td></tr></table></html>", "roster-web-page"),
        (b"PK\x03\x04 not really", "roster-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not really", "roster-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "roster-locked"),
        (b"%PDF-1.4\n" + bytes(range(128, 256)) * 40, "roster-not-a-table"),
        (b"x" * (20 * 1024 * 1024 + 1), "roster-too-large"),
        (csv_of([["名单"], ["张明"]]), "roster-no-head"),
        (csv_of([["姓名", "单位"], ["", ""], ["合计", ""]]), "roster-nobody"),
        (b"name\n" + b"a\n" * 202_000, "roster-too-many-rows"),
    ],
)
def test_files_that_are_no_roster(content: bytes, code: str) -> None:
    assert problem(content) == code


def test_zip_of_something_else_is_no_table() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    assert problem(out.getvalue()) == "roster-not-a-table"


@pytest.mark.parametrize("seed", range(30))
def test_broken_files_are_refused_and_never_fail(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(PLAIN if seed % 2 else xls_of([["姓名", "单位"], ["张明", "一厂"]]))
    for _ in range(1 + seed % 20):
        content[chance.randrange(8, len(content))] = chance.randrange(256)

    answer, _people = answer_of(Job(key=KEY.hex()), bytes(content[: len(content) - seed * 7]))

    assert answer.problem in ("", "roster-unreadable", "roster-bomb", "roster-no-head", "roster-nobody",
                              "roster-not-a-table", "roster-locked", "roster-links", "roster-too-wide")  # fmt: skip


# --- our own template -------------------------------------------------------------------------------------------------


async def test_template_is_read_back_and_has_lists_and_a_version() -> None:
    made = await template_workbook()

    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<dataValidation ") == 3
        assert b"Version" in archive.read("docProps/custom.xml")
    assert problem(made) == "roster-nobody"
    head = ["姓名", "单位", "手机", "性别", "外来务工人员", "新生代农民工", "备注"]
    row = ["张明", "一厂", "13800000001", "女", "否", "是", "x"]
    notes = Page([["列", "怎么填"], ["姓名", "必填"]], name="填写说明")
    answer, people = read(xlsx_of(Page([head, row], name="名单"), notes))
    assert (answer.accepted, people[0].groups) == (1, "migrant,new_generation_migrant,women")


def test_counts_are_exact_when_not_every_row_is_kept() -> None:
    rows = [["姓名", "单位"], *[[f"张{n}", "一厂"] for n in range(500)], *[["李芳", "一厂"]] * 501]

    answer, _people = read(csv_of(rows), keep=10)

    assert (answer.accepted, answer.rejected_count, len(answer.rejected)) == (1, 500, 10)
    assert (answer.duplicate_count, len(answer.duplicates)) == (500, 10)
