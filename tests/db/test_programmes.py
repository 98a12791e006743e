"""Loading a year's notice into the database."""

from datetime import datetime

import pytest

from outreach.accounts.tables import JournalEntry, Organisation
from outreach.programmes.commands import load_programmes
from outreach.programmes.domain.errors import ClosedYearError, ProgrammesExistError
from outreach.programmes.queries import programmes_of_year, targets_of, year_of
from outreach.programmes.tables import Programme, ProgrammeYear, Tally, Target
from outreach.programmes.toml import shipped_notices
from outreach.shared.errors import InvalidError
from tests.factories.accounts import make_organisation
from tests.factories.programmes import make_tally

pytestmark = pytest.mark.usefixtures("database")

SUZHOU = shipped_notices()["suzhou-2015"]


async def test_both_shipped_years_are_loaded_word_for_word(now: datetime) -> None:
    federation = await make_organisation(name="苏州市总工会")
    loaded = await load_programmes(SUZHOU, now=now)
    assert (loaded.organisation_id, loaded.organisation_is_new) == (federation.id, False)
    assert (loaded.created, loaded.updated, loaded.targets, loaded.left_alone) == (8, 0, 12, ())
    other = await load_programmes(shipped_notices()["yangpu-2017"], now=now)
    assert (other.organisation, other.organisation_is_new, other.created) == ("上海市杨浦区总工会", True, 10)
    made = await Organisation.objects().get(Organisation.id == other.organisation_id)
    assert made is not None
    assert (made.kind, made.path) == ("federation", f"/{made.id}/")
    programmes = await programmes_of_year(2015, federation.path)
    assert [(one.position, one.mark, one.code) for one in programmes] == [
        (1, "困", "relief"),
        (2, "法", "legal-aid"),
        (3, "妈", "mothers-station"),
        (4, "文", "culture"),
        (5, "心", "psychology"),
        (6, "学", "degree"),
        (7, "女", "women"),
        (8, "安", "safety-books"),
    ]
    culture = programmes[3]
    assert (culture.short_name, culture.department, culture.kinds) == (
        "送文化",
        "苏州市工人文化宫",
        ("演出", "戏曲", "电影", "展览", "交流"),
    )
    targets = (await targets_of([culture.id]))[culture.id]
    assert [(one.key, one.metric, one.basis, one.bound, one.value, one.wording) for one in targets] == [
        ("sessions", "sessions", "all", "more_than", 150, "全年送文化进基层超过150场次"),
        ("visits", "visits", "workers", "at_least", 100_000, "组织和吸引不少于10万人次的职工参加活动"),
        ("members-recruited", "tally", "all", "at_least", 1000, "新吸收职工会员1000名以上"),
    ]
    year = await year_of(federation.id, 2015)
    assert year is not None
    assert (year.title, year.document, str(year.submissions_due)) == (
        "2015年苏州市总工会普惠职工实事项目",
        "〔2015〕2号",
        "2015-02-16",
    )
    noted = await JournalEntry.select(JournalEntry.action).order_by(JournalEntry.id)
    assert [one["action"] for one in noted] == ["year.loaded", "organisation.created", "year.loaded"]


async def test_a_second_load_is_refused_without_update(now: datetime) -> None:
    await load_programmes(SUZHOU, now=now)
    with pytest.raises(ProgrammesExistError) as refusal:
        await load_programmes(SUZHOU, now=now)
    assert refusal.value.facts == {"organisation": "苏州市总工会", "year": 2015}
    assert (await Programme.count(), await Target.count()) == (8, 12)


async def test_an_update_changes_what_the_file_says_and_keeps_the_rest(now: datetime) -> None:
    await load_programmes(SUZHOU, now=now)
    before = {one["key"]: one["id"] for one in await Target.select(Target.id, Target.key)}
    await Programme.update({Programme.account: "已救助1,200人", Programme.short_name: "救助"}).where(
        Programme.code == "relief"
    )
    books = await Target.objects().get(Target.key == "book-sets")
    assert books is not None
    await make_tally(books)
    text = SUZHOU.decode().replace("value = 150\n", "value = 160\n").replace('code = "women"', 'code = "ladies"')
    text = text.replace('id = "book-sets"', 'id = "sets"')
    loaded = await load_programmes(text, now=now, update=True)
    assert (loaded.created, loaded.updated, loaded.left_alone) == (1, 7, ("women", "safety-books.book-sets"))
    relief = await Programme.objects().get(Programme.code == "relief")
    assert relief is not None
    assert (relief.account, relief.short_name, relief.revision) == ("已救助1,200人", "救助", 2)
    sessions = await Target.objects().get(Target.id == before["sessions"])
    assert sessions is not None
    assert sessions.value == 160
    assert (await Programme.count(), await Tally.count()) == (9, 1)


async def test_limits_stay_where_the_file_does_not_name_them(now: datetime) -> None:
    """What staff set on the pages survives an update of the file, unless the file says something else."""
    await load_programmes(SUZHOU, now=now)
    await Programme.update(
        {
            Programme.max_per_organisation: 2,
            Programme.cancel_hours: 48,
            Programme.two_step_orders: True,
            Programme.offer_hours: 12,
        }
    ).where(Programme.code == "culture")
    named = b'code = "culture"\noffer_hours = 24\ntwo_step_orders = false\n'
    await load_programmes(SUZHOU.replace(b'code = "culture"\n', named), now=now, update=True)

    culture = await Programme.objects().get(Programme.code == "culture")
    assert culture is not None
    assert (culture.max_per_organisation, culture.cancel_hours) == (2, 48)
    assert (culture.two_step_orders, culture.offer_hours, culture.answer_hours) == (False, 24, 72)


async def test_nothing_is_stored_of_a_bad_file(now: datetime) -> None:
    with pytest.raises(InvalidError):
        await load_programmes(SUZHOU.replace(b'"more_than"', b'"around"'), now=now)
    assert (await Organisation.count(), await ProgrammeYear.count(), await Programme.count()) == (0, 0, 0)


async def test_a_closed_year_is_not_updated(now: datetime) -> None:
    await load_programmes(SUZHOU, now=now)
    await ProgrammeYear.update({ProgrammeYear.state: "closed"}, force=True)
    with pytest.raises(ClosedYearError):
        await load_programmes(SUZHOU, now=now, update=True)


async def test_two_organisations_of_one_name_are_ambiguous(now: datetime) -> None:
    for _ in range(2):
        await make_organisation(name="苏州市总工会")
    with pytest.raises(InvalidError) as refusal:
        await load_programmes(SUZHOU, now=now)
    assert [(one.field, one.code) for one in refusal.value.problems] == [("organisation", "organisation-ambiguous")]


async def test_the_console_says_what_was_loaded(now: datetime) -> None:
    said = [str(await load_programmes(SUZHOU, now=now, update=update)) for update in (False, True)]
    assert said == [
        "苏州市总工会2015年：新建8个项目，更新0个，共12项指标。\n系统里没有这个组织，已新建。",
        "苏州市总工会2015年：新建0个项目，更新8个，共12项指标。",
    ]
