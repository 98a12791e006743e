"""Programmes, targets, tallies."""

from datetime import date
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.programmes.tables import Programme, ProgrammeYear, Tally, Target
from tests.factories.accounts import LONG_AGO, _numbers


async def make_year(organisation: Organisation, **given: Any) -> ProgrammeYear:
    made = ProgrammeYear(
        **{
            "organisation": organisation.id,
            "year": 2015,
            "title": "2015年普惠职工实事项目",
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_programme(organisation: Organisation, **given: Any) -> Programme:
    """A scheduled programme of 2015 whose kinds are 讲座 and 演出; bookings need no approval."""
    number = next(_numbers)
    made = Programme(
        **{
            "organisation": organisation.id,
            "year": 2015,
            "position": number,
            "code": f"p{number}",
            "name": f"第{number}号实事项目",
            "mark": "心",
            "scheduled": True,
            "kinds": ["讲座", "演出"],
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_target(programme: Programme, **given: Any) -> Target:
    """At least 50 sessions."""
    made = Target(
        **{
            "programme": programme.id,
            "key": f"t{next(_numbers)}",
            "position": 1,
            "metric": "sessions",
            "unit": "场",
            "bound": "at_least",
            "value": 50.0,
            "counting": "flow",
            "wording": "全年50场以上",
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_tally(target: Target, **given: Any) -> Tally:
    made = Tally(**{"target": target.id, "on": date(2015, 5, 12), "quantity": 10.0, "created_at": LONG_AGO, **given})
    await made.save()
    return made
