"""Names of files, the form of the package, 学时 and numbers."""

import io
import zipfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.papers.domain.certificates import CertificateNumber, halves_a_day, masked_name, said_hours
from outreach.papers.domain.errors import PackagesBusyError
from outreach.papers.domain.naming import Names, safe_name
from outreach.papers.domain.zipping import Archive, Entry
from outreach.papers.packages import MOST_AT_ONCE, take_turn
from outreach.papers.queries import Span
from outreach.shared.errors import InvalidError
from outreach.shared.time import ZONE

AT = datetime(2015, 5, 12, 14, 30, 10)  # noqa: DTZ001 - zip knows no zones
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("倒班职工的睡眠与情绪", "倒班职工的睡眠与情绪"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        ("../../etc/passwd", "etc_passwd"),
        ("CON", "_CON"),
        ("com1.讲座", "_com1.讲座"),
        ("nul .txt", "_nul .txt"),
        ("讲座...  ", "讲座"),
        ("🎉讲座🎉第一讲", "讲座_第一讲"),
        ("\u202egpj.exe\u202c讲座", "gpj.exe_讲座"),
        ("一\n二\t三\x00四", "一 二 三_四"),
        ("", "_"),
        ("…", "…"),
        ("🎉", "_"),
        ("e\u0301", "é"),
    ],
)
def test_wild_titles_become_plain_names(title: str, name: str) -> None:
    assert safe_name(title, 100) == name


@given(st.text(max_size=300), st.integers(min_value=4, max_value=200))
def test_every_name_is_short_and_safe(text: str, most: int) -> None:
    made = safe_name(text, most)
    assert 1 <= len(made.encode()) <= most
    assert not set(made) & set('/\\:*?"<>|')
    assert made.isprintable()
    assert made == made.strip(" .")
    assert made.partition(".")[0].casefold() not in ("con", "nul", "aux", "prn", "com1", "lpt9")


def test_names_are_cut_between_characters_and_never_meet() -> None:
    assert safe_name("长" * 60, 90) == "长" * 30
    names = Names()
    assert [names.given("甲"), names.given("甲"), names.given("A"), names.given("ａ")] == ["甲", "甲_2", "A", "ａ_2"]
    assert [names.numbered("回执", ".jpg"), names.numbered("回执", ".pdf")] == ["回执_1.jpg", "回执_2.pdf"]


def _archive(files: list[tuple[str, bytes]], offset: int = 0) -> bytes:
    archive, out = Archive(offset), io.BytesIO()
    for name, data in files:
        out.write(archive.begin(Entry(name, zlib.crc32(data), len(data), AT)) + data)
    for piece in archive.end():
        out.write(piece)
    return out.getvalue()


def test_the_archive_is_read_by_others() -> None:
    name = f"2015-05-12_{'长' * 60}_回执表_1.jpg"
    files = [(f"夹/{name}", b"\xff\xd8" * 1000), ("清单.xlsx", b""), ("a.txt", b"a")]
    with zipfile.ZipFile(io.BytesIO(_archive(files))) as read:
        assert read.testzip() is None
        assert [(one.filename, read.read(one)) for one in read.infolist()] == files
        first = read.infolist()[0]
        assert (first.flag_bits, first.compress_type, first.date_time) == (0x800, 0, (2015, 5, 12, 14, 30, 10))
        assert first.external_attr >> 16 == 0o100644


def test_an_archive_beyond_four_gigabytes(tmp_path: Path) -> None:
    """The part before the offset is a hole of the disk: what counts is where things are said to be."""
    offset, path = 5 << 30, tmp_path / "large.zip"
    with path.open("wb") as file:
        file.seek(offset)
        file.write(_archive([("后面.txt", b"far"), ("b.txt", b"more")], offset))
    with zipfile.ZipFile(path) as read:
        assert (read.testzip(), read.read("后面.txt"), read.read("b.txt")) == (None, b"far", b"more")


def test_an_archive_of_more_files_than_two_bytes_count() -> None:
    files = [(f"{number}.txt", b"") for number in range(0x10001)]
    with zipfile.ZipFile(io.BytesIO(_archive(files))) as read:
        assert len(read.infolist()) == 0x10001


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2015, 9, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "hours"),
    [
        (_at(24, 14), _at(24, 15, 30), "2"),
        (_at(24, 14), _at(24, 16), "2.5"),
        (_at(24, 14), _at(24, 14, 10), "0.5"),
        (_at(24, 9), _at(26, 16, 30), "10"),
        (_at(24, 22), _at(25, 1), "2"),
        (_at(24, 9), _at(25, 9), "16"),
        (_at(24, 22), _at(25, 0), "2.5"),
    ],
)
def test_lessons_of_a_day(starts_at: datetime, ends_at: datetime, hours: str) -> None:
    assert said_hours(halves_a_day(starts_at, ends_at)) == hours


@given(st.integers(min_value=1, max_value=60 * 24 * 40))
def test_lessons_are_never_more_than_the_time(minutes: int) -> None:
    starts_at = _at(1, 8)
    ends_at = starts_at + timedelta(minutes=minutes)
    halves = halves_a_day(starts_at, ends_at)
    assert halves == 1 or halves * 45 <= 2 * minutes


def test_a_number_is_proof_and_typed_as_people_type() -> None:
    text = CertificateNumber(1234, 7).text(KEY)
    assert text.startswith("1234-7-")
    for typed in (text, text.lower(), f"  {text} ", text.replace("-", "－"), text.replace("-", " - ")):
        assert CertificateNumber.read(typed, KEY) == CertificateNumber(1234, 7)
    other = "A" if text[-1] != "A" else "B"
    for wrong in (text[:-1] + other, text.replace("1234", "1235"), text.replace("-7-", "-8-"), "", "1-1", "0" + text):
        assert CertificateNumber.read(wrong, KEY) is None
    assert CertificateNumber.read(text, b"x" * 32) is None


def test_masked_names() -> None:
    assert [masked_name(name) for name in ("李小明", "欧阳", "A", "")] == ["李*", "欧*", "A*", ""]


@pytest.mark.parametrize(
    ("asked", "bad"),
    [
        (("2015-13-01", "", ""), ["from"]),
        (("1815-01-01", "9999-01-01", ""), ["from", "to"]),
        (("2015-05-02", "2015-05-01", ""), ["to"]),
        (("", "", "abc"), ["year"]),
        (("", "", "0000"), ["year"]),
        (("", "", "２０１５"), ["year"]),
    ],
)
def test_bad_spans_name_their_fields(asked: tuple[str, str, str], bad: list[str]) -> None:
    with pytest.raises(InvalidError) as refused:
        Span.asked(*asked)
    assert [one.field for one in refused.value.problems] == bad


def test_only_so_many_packages_at_once() -> None:
    turns = [take_turn() for _ in range(MOST_AT_ONCE)]
    with pytest.raises(PackagesBusyError) as refused:
        take_turn()
    assert refused.value.facts == {"retry_after": 60}
    turns[0]()
    turns[0]()  # a second time frees nothing
    turns[0] = take_turn()
    with pytest.raises(PackagesBusyError):
        take_turn()
    for give in turns:
        give()
