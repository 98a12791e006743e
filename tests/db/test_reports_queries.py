"""What a report reads: one snapshot, and as many questions for many sessions as for one."""

from datetime import date, datetime, timedelta

import pytest

from outreach.reports.choices import report_years
from outreach.reports.queries import report_data
from outreach.shared.i18n import current_locale, use_locale
from tests.factories.accounts import make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target
from tests.support.queries import counted

AS_OF = date(2015, 9, 15)


@pytest.mark.parametrize("item_count", [1, 3])
async def test_a_report_asks_as_much_for_one_session_as_for_three(
    database: None, now: datetime, item_count: int
) -> None:
    programme = await make_programme(await make_organisation())
    await make_target(programme)
    event = await make_event(programme)
    for number in range(item_count):
        session = await make_session(event, state="held", starts_at=STARTS_AT - timedelta(days=100 + number))
        await make_headcount(session, on=session.starts_at.date())

    with counted() as statements:
        data = await report_data(year=2015, as_of=AS_OF, now=now)

    assert len(data.sessions) == item_count
    ours = ("accounts_", "attendance_", "events_", "programmes_")
    assert len([one for one in statements if any(table in one for table in ours)]) == 47
    assert statements[1] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


async def test_names_come_in_chinese_whatever_the_reader_speaks(database: None, now: datetime) -> None:
    await make_target(await make_programme(await make_organisation(), kinds=["讲座", "演出"]))
    before = current_locale.get()
    use_locale("en")
    try:
        data = await report_data(year=2015, as_of=AS_OF, now=now)
        spoken = current_locale.get()
    finally:
        current_locale.set(before)

    assert [target.label for target in data.targets] == ["场次"]
    assert spoken == "en"


async def test_years_are_those_the_caller_reads_newest_first(database: None) -> None:
    ours, theirs = await make_organisation(), await make_organisation()
    await make_programme(ours)
    await make_programme(ours, year=2014)
    await make_programme(theirs, year=2016)

    assert await report_years(lambda path: path.startswith(ours.path)) == [2015, 2014]
