"""Who is sent: free before warned before blocked, then who knows the title, is near, and had few sessions lately."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from outreach.events.domain.fitting import Candidate, Fit, FreeWindow, fit_of, free_windows, ranked
from outreach.events.domain.occupation import Span
from outreach.events.domain.parts import PART_CODES, DayPart, part_code, usual_start
from outreach.events.domain.travel import travel_times_of
from outreach.events.domain.warnings import Absence, Giver, Stint
from outreach.events.wording import reason_text
from outreach.shared.time import ZONE

TIMES = travel_times_of([("吴中区", "常熟市", 70), ("吴中区", "姑苏区", 35)])
ON = date(2015, 9, 23)  # a Wednesday
NOON = datetime(2015, 9, 15, 12, tzinfo=ZONE)


def at(hour: float, on: date = ON) -> datetime:
    return datetime.combine(on, datetime.min.time(), ZONE) + timedelta(hours=hour)


def stint(first: float, last: float, district: str = "吴中区", on: date = ON, **given: Any) -> Stint:
    return Stint(uuid4(), Span(at(first, on), at(last, on)), district, **given)


WANTED = stint(14, 15.5)


def candidate(*stints: Stint, name: str = "沈若兰", **given: Any) -> Candidate:
    limits = {key: given.pop(key) for key in list(given) if key in Giver.__dataclass_fields__}
    return Candidate(
        Giver(uuid4(), name, **limits),
        **{
            "kind": "lecturer",
            "title": "心理咨询师",
            "phone": "13800000000",
            "home_district": "吴中区",
            "listed": True,
            "given_before": 0,
            "rating": None,
            "stints": tuple(stints),
            **given,
        },
    )


def told(fit: Fit) -> list[tuple[str, str]]:
    return [(reason.level, reason_text(reason)) for reason in fit.reasons]


def test_the_four_of_the_picture_with_their_reasons() -> None:
    early = [stint(9, 10, on=ON - timedelta(days=number)) for number in (1, 2)]
    people = [
        candidate(stint(13.5, 15, "太仓市"), name="何清越"),
        candidate(stint(10.5, 12.5, "常熟市"), name="陆知微", given_before=2, rating=4.7, home_district="工业园区"),
        candidate(*early, name="钱伯远", given_before=3, rating=4.6, home_district="姑苏区", max_per_week=3),
        candidate(name="沈若兰", given_before=6, rating=4.8),
    ]
    fits = ranked(fit_of(one, WANTED, TIMES) for one in people)
    assert [(one.name, one.level) for one in fits] == [
        ("沈若兰", "fits"),
        ("钱伯远", "fits"),
        ("陆知微", "warn"),
        ("何清越", "block"),
    ]
    assert told(fits[0]) == [
        ("fits", "讲过这个题目6次，评价4.8"),
        ("fits", "家在吴中区，路上约20分钟"),
        ("fits", "当天没有别的场次"),
    ]
    assert told(fits[1]) == [
        ("fits", "讲过这个题目3次，评价4.6"),
        ("fits", "家在姑苏区，路上约35分钟"),
        ("fits", "当天没有别的场次"),
        ("mind", "当周已排2场，再派就到上限"),
    ]
    assert told(fits[2]) == [
        ("fits", "讲过这个题目2次，评价4.7"),
        ("mind", "10:30—12:30在常熟，路上约70分钟，到场只早20分钟"),
    ]
    assert told(fits[3]) == [
        ("fits", "题目相符，还没讲过"),
        ("blocks", "13:30—15:00在太仓有场次，时间重叠，不能派"),
    ]
    assert [(busy.starts_at, busy.ends_at, busy.district) for busy in fits[2].busy] == [(at(10.5), at(12.5), "常熟市")]
    assert (fits[1].month_sessions, fits[1].recent, fits[0].travel_minutes) == (2, 2, 20)


def test_a_troupe_is_spoken_of_as_one_and_its_second_team_can_go() -> None:
    troupe = candidate(
        stint(13.5, 15, "太仓市"),
        name="职工评弹社",
        kind="troupe",
        home_district="姑苏区",
        given_before=2,
        parallel_teams=2,
    )
    fit = fit_of(troupe, WANTED, TIMES)
    assert fit.level == "fits"
    assert told(fit) == [("fits", "演过这个节目2次"), ("fits", "从姑苏区出发，路上约35分钟")]
    both = replace(troupe, stints=(*troupe.stints, stint(14, 15, "昆山市")))
    assert fit_of(both, WANTED, TIMES).level == "block"
    assert told(fit_of(replace(troupe, given_before=0), WANTED, TIMES))[0] == ("fits", "题目相符，还没演过")


def test_who_is_away_or_full_needs_a_reason() -> None:
    away = candidate(absences=(Absence(ON, ON + timedelta(days=1), "进修"),))
    assert told(fit_of(away, WANTED, TIMES)) == [
        ("fits", "题目相符，还没讲过"),
        ("fits", "家在吴中区，路上约20分钟"),
        ("mind", "9月23日不在（进修）"),
    ]
    full = candidate(stint(8, 9), max_per_day=1)
    assert told(fit_of(full, WANTED, TIMES))[-1] == ("mind", "当天已排1场，上限1场，再派就超了")
    assert [fit_of(one, WANTED, TIMES).level for one in (away, full)] == ["warn", "warn"]


def test_a_session_that_the_asker_may_not_see_tells_its_time_only() -> None:
    hidden = candidate(stint(13.5, 15, ""))
    assert told(fit_of(hidden, WANTED, TIMES))[-1] == ("blocks", "13:30—15:00有场次，时间重叠，不能派")


def test_the_same_topic_ranks_behind_who_is_named_for_the_event() -> None:
    near = fit_of(candidate(name="甲", listed=False), WANTED, TIMES)
    far = fit_of(candidate(name="乙", home_district="常熟市"), WANTED, TIMES)
    assert [one.name for one in ranked([near, far])] == ["乙", "甲"]
    knows = fit_of(candidate(name="丙", listed=False, given_before=1, home_district="常熟市"), WANTED, TIMES)
    assert [one.name for one in ranked([near, far, knows])] == ["丙", "乙", "甲"]


LEVELS = ("fits", "warn", "block")
FITS = st.builds(
    Fit,
    provider_id=st.uuids(),
    name=st.sampled_from("甲乙丙"),
    kind=st.just("lecturer"),
    title=st.just(""),
    phone=st.just(""),
    home_district=st.just(""),
    month_sessions=st.just(0),
    max_per_month=st.none(),
    given_before=st.integers(0, 3),
    rating=st.none() | st.floats(1, 5),
    travel_minutes=st.none() | st.sampled_from([20, 35, 60, 105]),
    reasons=st.just(()),
    level=st.sampled_from(LEVELS),
    busy=st.just(()),
    listed=st.booleans(),
    recent=st.integers(0, 5),
)


@given(st.lists(FITS, unique_by=lambda one: one.provider_id), st.randoms())
def test_the_order_does_not_depend_on_how_they_came_and_blocked_ones_come_last(fits: list[Fit], dice: Any) -> None:
    shuffled = list(fits)
    dice.shuffle(shuffled)
    order = ranked(fits)
    assert order == ranked(shuffled)
    levels = [LEVELS.index(one.level) for one in order]
    assert levels == sorted(levels)
    for one, next_one in pairwise(order):
        if one.level == next_one.level and not next_one.given_before and not next_one.listed:
            assert one.listed or one.given_before or (one.travel_minutes or 60) <= (next_one.travel_minutes or 60)


# --- free times ------------------------------------------------------------------------------------------------------


def windows(*people: tuple[Giver, list[Stint]], most: int = 4, **given: Any) -> list[tuple[str, str, int]]:
    first = given.pop("first", date(2015, 9, 18))  # a Friday
    found = free_windows(
        people,
        **{
            "after": NOON,
            "first": first,
            "last": first + timedelta(days=20),
            "minutes": 90,
            "days_off": {date(2015, 9, 19), date(2015, 9, 20), date(2015, 10, 1)},
            "most": most,
            **given,
        },
    )
    return [(one.on.isoformat()[5:], one.part.value, one.providers) for one in found]


def somebody(**given: Any) -> Giver:
    return Giver(uuid4(), "沈若兰", **given)


def test_free_times_skip_days_off_absences_ties_and_full_weeks() -> None:
    friday = date(2015, 9, 18)
    assert windows((somebody(), [])) == [
        ("09-18", "morning", 1),
        ("09-18", "noon", 1),
        ("09-18", "afternoon", 1),
        ("09-18", "evening", 1),
    ]
    tied = (somebody(), [stint(8, 16, on=friday)])
    assert windows(tied, most=2) == [("09-18", "evening", 1), ("09-21", "morning", 1)]
    assert windows(tied, (somebody(), []), most=1) == [("09-18", "morning", 1)]
    assert windows((somebody(max_per_day=1), [stint(8, 9, on=friday)]), most=1) == [("09-21", "morning", 1)]
    full_week = (somebody(max_per_week=1), [stint(8, 9, on=date(2015, 9, 21))])
    assert windows(full_week, first=date(2015, 9, 21), most=1) == [("09-28", "morning", 1)]
    away = somebody(absences=(Absence(friday, date(2015, 9, 22)),))
    assert windows((away, []), most=1) == [("09-22", "morning", 1)]
    assert windows((somebody(parallel_teams=2), [stint(8, 16, on=friday)]), most=1) == [("09-18", "morning", 1)]


def test_on_days_off_come_those_who_offered_the_weekend() -> None:
    weekend = somebody(available_parts=("6-morning", "7-evening"))
    assert windows((weekend, []), most=3) == [
        ("09-19", "morning", 1),
        ("09-20", "evening", 1),
        ("09-26", "morning", 1),
    ]
    assert ("10-01", "evening", 1) in windows((weekend, []), most=20)
    assert windows((somebody(available_parts=("4-noon",)), []), most=3) == [("09-24", "noon", 1), ("10-08", "noon", 1)]


def test_nothing_that_has_begun_is_offered() -> None:
    assert windows((somebody(), []), first=NOON.date(), most=2, after=at(12, NOON.date())) == [
        ("09-15", "afternoon", 1),
        ("09-15", "evening", 1),
    ]


PARTS = st.lists(st.sampled_from(PART_CODES), max_size=6).map(tuple)
BUSY = st.lists(st.tuples(st.integers(0, 9), st.integers(8, 20)), max_size=8)


@given(PARTS, BUSY, st.integers(1, 3), st.integers(1, 12))
def test_every_window_offered_is_one_that_somebody_can_take(
    parts: tuple[str, ...], busy: list[tuple[int, int]], teams: int, most: int
) -> None:
    first = date(2015, 9, 16)
    giver = somebody(available_parts=parts, parallel_teams=teams)
    stints = [stint(hour, hour + 1, on=first + timedelta(days=day)) for day, hour in busy]
    found: list[FreeWindow] = free_windows(
        [(giver, stints)],
        after=NOON,
        first=first,
        last=first + timedelta(days=10),
        minutes=60,
        days_off={date(2015, 9, 19), date(2015, 9, 20)},
        most=most,
    )
    assert len(found) <= most
    assert found == sorted(found, key=lambda one: (one.on, list(DayPart).index(one.part)))
    for one in found:
        start = usual_start(one.on, one.part)
        wanted = Span(start, start + timedelta(hours=1))
        assert sum(other.span.overlaps(wanted) for other in stints) < teams or teams > 1
        assert not parts or part_code(one.on, one.part) in parts
        assert parts or one.on.weekday() < 5


def test_ids_are_kept() -> None:
    one = candidate()
    assert isinstance(fit_of(one, WANTED, TIMES).provider_id, UUID)
    assert fit_of(one, WANTED, TIMES).provider_id == one.giver.id
