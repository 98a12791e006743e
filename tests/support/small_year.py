"""A year small enough to count on paper, with every figure of it.

The tree: the city has 姑苏机械厂工会 (400 members, non-public, with a women's committee), 吴中区总工会 (no figure
of its own) with 木渎电子厂工会 (300, public, sponsors a barracks) and 胥口服饰工会 (200, ownership unknown), and
市直机关工会 (100, non-public, no district): 1,000 members.

| # | programme | from | place | at home with | visits, of which workers |
|---|---|---|---|---|---|
| 1 | culture | 01-10 | 姑苏区 | 姑苏机械厂 | 100, 80 |
| 2 | culture | 02-28 23:30 | 姑苏区 | the city | 50, 50 |
| 3 | culture | 03-30 to 04-01 | 吴中区 | 木渎电子厂 | 10 in March, 20 in April |
| 4 | culture | 05-05 | no district | the barracks | 40 |
| 5 | talks | 05-06 | 吴中区 | the city; 姑苏机械厂's women's committee came | nobody counted |
| 6 | talks | 09-15 | 吴中区 | 胥口服饰, ordered on 09-01 | 30 |
| 7 | talks | 10-01 | 吴中区 | 胥口服饰, published | — |
| 8 | talks | 06-01 | 吴中区 | cancelled after publishing | — |

The year before: 03-01 市直机关 9, 09-15 姑苏机械厂 70, 09-16 木渎电子厂 5, all of culture. Talks is confidential.
Culture has a budget of 10,000 元 and spent 1,200.50 元 on session 1; talks spent 300 元 on session 6, and something on
the cancelled one, which does not count; nor does a line that was removed.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Cost
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.shared.time import ZONE
from tests.factories.accounts import make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.orders import make_order
from tests.factories.programmes import make_programme, make_target, make_year

TODAY = date(2015, 9, 15)
BARRACKS, SITE = "某部营区", "营区一号楼"


def at(month: int, day: int, hour: int = 14, minute: int = 0, year: int = 2015) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@dataclass
class SmallYear:
    """The organisations and programmes of the small year."""

    city: Organisation
    district: Organisation
    machines: Organisation
    committee: Organisation
    electronics: Organisation
    clothes: Organisation
    offices: Organisation
    guest: Organisation
    culture: Programme
    talks: Programme
    sessions: dict[int, Session]


async def hold(event: Event, starts_at: datetime, visits: int | None = None, **given: Any) -> Session:
    """A held session, with the head-count of its first day."""
    workers = given.pop("workers", None)
    session = await make_session(event, state="held", starts_at=starts_at, **given)
    if visits is not None:
        await make_headcount(session, on=starts_at.date(), total=visits, workers=workers)
    return session


async def cost(session: Session, fen: int, **given: Any) -> None:
    created = datetime(2015, 9, 1, tzinfo=UTC)
    await Cost(session=session.id, kind="fee", amount_fen=fen, created_at=created, changed_at=created, **given).save()


async def make_small_year() -> SmallYear:
    city = await make_organisation(name="苏州市总工会")
    machines = await make_organisation(
        parent=city, name="姑苏机械厂工会", district="姑苏区", member_count=400, ownership="non_public"
    )
    committee = await make_organisation(
        parent=machines, name="姑苏机械厂女职工委员会", kind="womens_committee", member_count=150
    )
    district = await make_organisation(parent=city, name="吴中区总工会", kind="federation", district="吴中区")
    electronics = await make_organisation(
        parent=district, name="木渎电子厂工会", district="吴中区", member_count=300, ownership="public"
    )
    clothes = await make_organisation(parent=district, name="胥口服饰工会", district="吴中区", member_count=200)
    offices = await make_organisation(
        parent=city, name="市直机关工会", district="", member_count=100, ownership="non_public"
    )
    guest = await make_organisation(parent=electronics, name=BARRACKS, kind="guest", district="吴中区")
    await make_organisation(parent=city, name="撤并的工会", member_count=70, closed_on=date(2015, 1, 1))
    await make_year(city)
    culture = await make_programme(
        city, code="culture", name="送文化进基层", position=1, mark="文", budget_yuan=10_000,
        quarter_shares=[30, 30, 30, 10],
    )  # fmt: skip
    talks = await make_programme(city, code="talks", name="心理健康讲座", position=2, mark="心", confidential=True)
    await make_target(culture, value=10.0)
    await make_target(talks, metric="visits", unit="人次", value=100.0)
    show = await make_event(culture, title="锡剧折子戏", kind="演出")
    talk = await make_event(talks, title="睡眠与情绪")
    await make_event(culture, title="灯谜竞猜", kind="演出")
    await make_event(culture, title="下架的节目", kind="演出", active=False)
    wu: dict[str, Any] = {"district": "吴中区"}
    one = await hold(show, at(1, 10), 100, workers=80, district="姑苏区", host=machines.id)
    two = await hold(show, at(2, 28, 23, 30), 50, workers=50, district="姑苏区")
    three = await hold(show, at(3, 30), 10, ends_at=at(4, 1, 17), multi_day=True, host=electronics.id, **wu)
    await make_headcount(three, on=date(2015, 4, 1), total=20)
    four = await hold(show, at(5, 5), 40, district="", address=SITE, host=guest.id, title="送戏进军营")
    five = await hold(talk, at(5, 6), **wu)
    await make_booking(five, committee, state="attended")
    six = await hold(talk, at(9, 15), 30, host=clothes.id, **wu)
    seven = await make_session(talk, starts_at=at(10, 1), host=clothes.id, **wu)
    eight = await make_session(talk, state="cancelled", starts_at=at(6, 1), **wu)
    await make_session(talk, state="cancelled", starts_at=at(6, 2), published_at=None, **wu)
    await make_session(talk, state="draft", starts_at=at(9, 1), **wu)
    earlier = await make_programme(city, code="culture", name="送文化进基层", year=2014)
    before = await make_event(earlier, kind="演出")
    await hold(before, at(3, 1, year=2014), 9, host=offices.id)
    await hold(before, at(9, 15, year=2014), 70, host=machines.id, district="姑苏区")
    await hold(before, at(9, 16, year=2014), 5, host=electronics.id, **wu)
    await cost(one, 120_050)
    await cost(one, 99_900, removed_at=datetime(2015, 9, 2, tzinfo=UTC))
    await cost(six, 30_000)
    await cost(eight, 5_000)
    await _orders(show, talk, machines, clothes, one, six, seven)
    await _foreign()
    numbered = dict(enumerate((one, two, three, four, five, six, seven, eight), 1))
    return SmallYear(
        city, district, machines, committee, electronics, clothes, offices, guest, culture, talks, numbered
    )


async def _orders(
    show: Event, talk: Event, machines: Organisation, clothes: Organisation, one: Session, six: Session, seven: Session
) -> None:
    """Six orders by 15 September: two served after 6 and 14 days, one scheduled, one waiting, one declined, one
    withdrawn. Not counted: one of the day after, and one for the next year."""
    june = ((date(2015, 6, 1), DayPart.MORNING),)
    await make_order(show, machines, state="fulfilled", session=one.id, submitted_at=at(1, 4, 0, 30), windows=june)
    await make_order(
        talk, clothes, state="reviewed", session=six.id, submitted_at=at(9, 1, 23), scheduled_at=at(9, 6), windows=june
    )
    await make_order(
        talk, clothes, state="scheduled", session=seven.id, submitted_at=at(9, 2), scheduled_at=at(9, 5), windows=june
    )
    await make_order(show, clothes, submitted_at=at(9, 3))
    await make_order(show, machines, state="declined", submitted_at=at(9, 4), ended_at=at(9, 10))
    await make_order(talk, machines, state="withdrawn", submitted_at=at(9, 4), ended_at=at(9, 15, 23))
    await make_order(talk, machines, submitted_at=at(9, 16, 0, 1))
    await make_order(talk, machines, submitted_at=at(9, 1), windows=((date(2016, 1, 5), DayPart.MORNING),))


async def _foreign() -> None:
    """What another city does is in no figure."""
    other = await make_organisation(name="别的市总工会")
    unit = await make_organisation(parent=other, district="姑苏区", member_count=9999)
    event = await make_event(await make_programme(other, code="culture", budget_yuan=5))
    session = await hold(event, at(5, 5), 777, host=unit.id, district="姑苏区")
    await cost(session, 77)
    await make_order(event, unit, submitted_at=at(5, 5) - timedelta(days=30))
