"""The file of a year's programmes."""

import pytest

from outreach.programmes.domain.marks import default_mark
from outreach.programmes.domain.targets import Basis, Bound, Counting
from outreach.programmes.toml import notice_of, shipped_notices
from outreach.programmes.wording import promise_words
from outreach.shared.errors import FieldProblem, InvalidError

HEAD = 'year = 2015\norganisation = "某市总工会"\ntitle = "实事项目"\n'
PROGRAMME = '[[programme]]\ncode = "culture"\nname = "送文化"\nkinds = ["讲座"]\n'
TARGET = (
    '[[programme.target]]\nid = "sessions"\nmetric = "sessions"\nunit = "场"\n'
    'bound = "more_than"\nvalue = 150\ncounting = "flow"\n'
)


def problems(text: str) -> list[FieldProblem]:
    with pytest.raises(InvalidError) as refusal:
        notice_of(text.encode())
    return list(refusal.value.problems)


def named(text: str) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in problems(text)]


def test_both_shipped_files() -> None:
    notices = {name: notice_of(content) for name, content in shipped_notices().items()}
    assert {
        name: (one.year, len(one.programmes), sum(len(p.targets) for p in one.programmes))
        for name, one in notices.items()
    } == {
        "suzhou-2015": (2015, 8, 12),
        "yangpu-2017": (2017, 10, 14),
    }
    visits = notices["suzhou-2015"].programmes[3].targets[1]
    assert (visits.basis, visits.bound, visits.value) == (Basis.WORKERS, Bound.AT_LEAST, 100_000)
    assert visits.wording == "组织和吸引不少于10万人次的职工参加活动"
    lectures = notices["suzhou-2015"].programmes[4].targets[0]
    assert (lectures.bound, lectures.tolerance, lectures.counting) == (Bound.ABOUT, 10, Counting.FLOW)


def test_the_marks_of_suzhou() -> None:
    taken: list[str] = []
    for programme in notice_of(shipped_notices()["suzhou-2015"]).programmes:
        taken.append(default_mark(programme.code, programme.name, taken))
    assert "".join(taken) == "困法妈文心学女安"


def test_a_mark_is_a_character_of_the_name_that_is_free() -> None:
    assert default_mark("x", "职工书画展", ()) == "书"
    assert default_mark("x", "职工书画展", ("书",)) == "画"
    assert default_mark("culture", "送文化", ("文",)) == "化"
    assert default_mark("x-ray", "Reading", ()) == "X"


def test_the_least_file() -> None:
    notice = notice_of((HEAD + PROGRAMME + TARGET).encode())
    assert [(one.code, one.scheduled, len(one.targets)) for one in notice.programmes] == [("culture", False, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("year", "required"), ("organisation", "required"), ("title", "required"), ("programme", "required")]),
        (HEAD.replace("2015", "1900") + PROGRAMME, [("year", "year-out-of-range")]),
        (HEAD.replace("2015", '"2015"') + PROGRAMME, [("year", "not-whole-number")]),
        (HEAD + "owner = 1\n" + PROGRAMME, [("owner", "unknown-field")]),
        (HEAD + "programme = 3\n", [("programme", "not-list-of-tables")]),
        (HEAD + PROGRAMME + "colour = 1\n", [("culture.colour", "unknown-field")]),
        (HEAD + PROGRAMME + PROGRAMME, [("culture.code", "duplicate-code")]),
        (HEAD + '[[programme]]\nname = "送文化"\n', [("programme1.code", "required")]),
        (HEAD + PROGRAMME.replace("送文化", "a\\u0007b"), [("culture.name", "bad-characters")]),
        (HEAD + PROGRAMME.replace("送文化", "长" * 201), [("culture.name", "too-long")]),
        (HEAD + PROGRAMME + "quarter_shares = [50, 50]\n", [("culture.quarter_shares", "quarter-shares-sum")]),
        (HEAD + PROGRAMME + "target = 1\n", [("culture.target", "not-list-of-tables")]),
        (HEAD + PROGRAMME + TARGET + TARGET, [("culture.sessions.id", "duplicate-code")]),
        (HEAD + PROGRAMME + TARGET.replace("more_than", "around"), [("culture.sessions.bound", "not-one-of")]),
        (
            HEAD + PROGRAMME + TARGET.replace('"sessions"\nunit', '"seances"\nunit'),
            [("culture.sessions.metric", "not-one-of")],
        ),
        (HEAD + PROGRAMME + TARGET.replace("150", "-1"), [("culture.sessions.value", "not-above")]),
        (HEAD + PROGRAMME + TARGET.replace("150", "1e12"), [("culture.sessions.value", "too-large-number")]),
        (HEAD + PROGRAMME + TARGET.replace("150", "inf"), [("culture.sessions.value", "too-large-number")]),
        (HEAD + PROGRAMME + TARGET.replace("150", "nan"), [("culture.sessions.value", "not-number")]),
        (HEAD + PROGRAMME + TARGET.replace("150", '"many"'), [("culture.sessions.value", "not-number")]),
        (HEAD + PROGRAMME + TARGET.replace("value = 150\n", ""), [("culture.sessions.value", "required")]),
        (
            HEAD + PROGRAMME + TARGET + "tolerance_percent = 10\n",
            [("culture.sessions.tolerance_percent", "tolerance-only-of-about")],
        ),
        (HEAD + PROGRAMME + TARGET + 'basis = "workers"\n', [("culture.sessions.basis", "basis-only-of-visits")]),
        (HEAD + PROGRAMME + TARGET + 'kinds = ["演出"]\n', [("culture.sessions.kinds", "kinds-not-of-programme")]),
        ("year = ", [("file", "broken-toml-at-end")]),
        ("year = 2015\nyear 2", [("file", "broken-toml")]),
    ],
)
def test_every_problem_is_named_by_programme_and_field(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


def test_all_problems_come_at_once() -> None:
    text = (
        HEAD + PROGRAMME + TARGET.replace("more_than", "around").replace("150", "-1") + PROGRAMME.replace("送文化", "")
    )
    assert named(text) == [
        ("culture.sessions.bound", "not-one-of"),
        ("culture.sessions.value", "not-above"),
        ("culture.code", "duplicate-code"),
        ("culture.name", "required"),
    ]


def test_another_encoding_is_named() -> None:
    with pytest.raises(InvalidError) as refusal:
        notice_of("year = 2015 # 年".encode("gbk"))
    assert [one.code for one in refusal.value.problems] == ["not-utf-8"]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert notice_of(b"\xef\xbb\xbf" + (HEAD + PROGRAMME).encode()).year == 2015


@pytest.mark.parametrize(
    ("wording", "bound", "value", "unit", "words"),
    [
        ("全年送文化进基层超过150场次", Bound.MORE_THAN, 150, "场次", "超过150场次"),
        ("组织和吸引不少于10万人次的职工参加活动", Bound.AT_LEAST, 100_000, "人次", "不少于10万人次"),
        ("组织50场左右的讲座", Bound.ABOUT, 50, "场", "50场左右"),
        ("免费发放20000本以上手册", Bound.AT_LEAST, 20_000, "本", "20000本以上"),
        ("按不低于学费50%的比例进行资助", Bound.AT_LEAST, 50, "%", "不低于学费50%"),
        ("第一批60个将在年内建成并投入使用", Bound.PLAIN, 60, "个", "60个"),
        ("全年送文化进基层超过150场次", Bound.MORE_THAN, 160, "场次", "超过160场次"),
        ("全年150场次", Bound.PLAIN, 50, "场次", "50场次"),
        ("", Bound.PLAIN, 150_000, "名", "150,000名"),
    ],
)
def test_the_promise_in_few_words(wording: str, bound: Bound, value: float, unit: str, words: str) -> None:
    assert promise_words(wording, bound, value, unit) == words


RAMP = TARGET.replace("value = 150\n", "")


def test_a_promise_over_several_years_gives_its_year() -> None:
    """``values`` by year, in any order; the value of the file's own year is the target's, said again or not."""
    for text in ("values = {2019 = 80, 2015 = 20}\n", "values = {2019 = 80, 2015 = 20}\nvalue = 20\n"):
        target = notice_of((HEAD + PROGRAMME + RAMP + text).encode()).programmes[0].targets[0]
        assert (target.value, target.ramp) == (20, ((2015, 20), (2019, 80)))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("values = {2016 = 20}\n", ["value"]),
        ("values = {2016 = 20}\nvalue = 20\n", ["values"]),
        ("values = {2015 = 20}\nvalue = 21\n", ["value"]),
        ("values = {15 = 20}\nvalue = 20\n", ["values"]),
        ("values = 20\nvalue = 20\n", ["values"]),
        ("values = {2015 = 0, 2016 = 5}\n", ["value", "values"]),
        ("value = 0\n", ["value"]),
    ],
)
def test_values_by_year_must_fit_and_a_promise_of_nothing_is_none(text: str, fields: list[str]) -> None:
    assert [field for field, _code in named(HEAD + PROGRAMME + RAMP + text)] == [
        f"culture.sessions.{field}" for field in fields
    ]
