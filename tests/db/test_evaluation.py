"""The scorecard against a count by hand, verdicts, what evaluators read of sessions, and their files."""

import asyncio
import csv
import hashlib
import hmac
import io
from datetime import UTC, date, datetime

import pytest

from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.people import attendees_page, pseudonym_of
from outreach.evaluation.domain.readers import evaluator
from outreach.evaluation.domain.scores import Rank
from outreach.evaluation.domain.verdicts import Decision
from outreach.evaluation.files import CHUNK, attendees_csv, number_of_attendees
from outreach.evaluation.scorecard import Owner, Scorecard, scorecard_of
from outreach.evaluation.sessions import evaluated_session, evaluated_sessions, number_of_sessions
from outreach.evaluation.tables import Verdict
from outreach.evaluation.verdicts import give_verdict
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_year
from tests.support.evaluating import NUMBER, EvaluatedYear
from tests.support.queries import counted

AS_OF = date(2015, 9, 15)


@pytest.fixture
async def world(database: None, settings: Settings) -> EvaluatedYear:
    return await EvaluatedYear().build(settings)


async def scores(world: EvaluatedYear, now: datetime, as_of: date = AS_OF, year: int = 2015) -> Scorecard:
    owner = Owner(world.root.id, world.root.code, world.root.name, world.root.path)
    return await scorecard_of(owner, year=year, as_of=as_of, now=now)


async def test_the_scores_are_those_counted_by_hand(world: EvaluatedYear, now: datetime) -> None:
    one = (await scores(world, now)).of(world.programme_id)

    part, said, cost, reach = one.card.participation, one.card.satisfaction, one.card.cost, one.card.reach
    # May 90 by heads, June 4 by name; of those who were named one did not come.
    assert (part.sessions, part.counted, part.visits, part.workers, part.people) == (2, 2, 94, 82, 4)
    assert part.visits_per_session.value == 47
    # The host's, the committee's and the private union's bookings came, the idle union's did not: too few to rate.
    assert (part.attendance.rests_on, part.attendance.value) == (4, None)
    assert (part.seats_used.value, part.seats_used.rests_on) == (94 / 130, 130)
    assert said.attendees.value == pytest.approx(4.2)
    assert said.attendees.rests_on == 5
    assert said.answered.value is None  # five answers of four who were there: one was taken back
    assert (said.hosts.value, said.hosts.rests_on) == (None, 1)
    assert one.change == ("length", 2)
    # 400 and 100 yuan in May, for 90 visits; the line that was removed and the session after the day do not count.
    assert (cost.spent_fen, cost.costed, cost.per_session.value, cost.per_visit.value) == (50_000, 1, 50_000, 556)
    assert cost.of_budget.value == 0.05
    # The union (its committee, too) and the private union; three unions stand below the city, in three districts.
    assert (part.units, reach.units_below, reach.of_units.rests_on) == (2, 2, 3)
    assert (reach.districts, reach.of_districts.rests_on) == (2, 3)
    assert (reach.non_public.value, reach.non_public.rests_on) == (0.5, 2)
    # The private union had a show in 2014.
    assert reach.new_units == 1
    assert [(target.actual, target.status.value) for target in one.targets] == [(2, "met")]


async def test_the_places_are_beside_the_owners_other_programmes(world: EvaluatedYear, now: datetime) -> None:
    card = await scores(world, now)
    talks, shows = card.of(world.programme_id), card.of(world.other.id)

    assert talks.ranks == {"participation": Rank(2, 2), "cost": Rank(2, 2), "reach": Rank(1, 2)}
    assert (shows.card.cost.per_visit.value, shows.ranks["cost"]) == (500, Rank(1, 2))
    assert (shows.card.cost.of_budget.value, shows.card.cost.budget_fen) == (None, None)
    assert shows.card.participation.seats_used.value is None
    assert (shows.card.participation.workers, shows.card.reach.new_units) == (None, 0)


async def test_the_day_cuts(world: EvaluatedYear, now: datetime) -> None:
    early = (await scores(world, now, date(2015, 5, 31))).of(world.programme_id).card
    first = (await scores(world, now, date(2015, 1, 1))).of(world.programme_id).card
    whole = (await scores(world, now, date(2015, 12, 31))).of(world.programme_id).card

    assert (early.participation.sessions, early.participation.visits, early.participation.people) == (1, 90, 0)
    assert (early.satisfaction.attendees.rests_on, early.satisfaction.hosts.rests_on) == (0, 1)
    assert early.reach.units_below == 1
    assert (first.participation.sessions, first.cost.spent_fen, first.reach.units_below) == (0, 0, 0)
    assert (whole.participation.visits, whole.cost.spent_fen) == (594, 1_050_000)


async def test_an_exhibition_has_no_seats_and_counts_its_days(world: EvaluatedYear, now: datetime) -> None:
    one = await world.session(
        "exhibition", world.event, datetime(2015, 9, 14, 1, 0, tzinfo=UTC), multi_day=True, capacity=20,
        ends_at=datetime(2015, 9, 18, 1, 0, tzinfo=UTC),
    )  # fmt: skip
    for day in (14, 15, 16):
        await make_headcount(one, on=date(2015, 9, day), total=1000)

    part = (await scores(world, now)).of(world.programme_id).card.participation

    assert (part.sessions, part.visits, part.seats_used.rests_on) == (3, 2094, 130)


async def test_a_year_without_programmes_is_empty(world: EvaluatedYear, now: datetime) -> None:
    card = await scores(world, now, date(2013, 12, 31), 2013)

    assert card.items == ()
    with pytest.raises(NotFoundError):
        card.of(world.programme_id)


async def test_what_lies_below_owns_its_programmes_itself(world: EvaluatedYear, now: datetime) -> None:
    district = await make_organisation(parent=world.root, kind="federation", name="吴中区总工会")
    own = await make_programme(district)

    assert own.id not in {one.programme.id for one in (await scores(world, now)).items}


async def test_one_and_three_programmes_ask_as_often(world: EvaluatedYear, now: datetime) -> None:
    async def asked() -> int:
        with counted() as sent:
            await scores(world, now)
        return len(sent)

    before = await asked()
    for name in ("a", "b"):
        event = await make_event(await make_programme(world.root))
        for day in (1, 2, 3):
            one = await world.session(f"{name}{day}", event, datetime(2015, 7, day, tzinfo=UTC), host=world.idle.id)
            await make_booking(one, world.idle, state="attended")
            await world.cost(one, 100)

    assert (before, await asked()) == (16, 16)


# --- verdicts --------------------------------------------------------------------------------------------------------


async def test_a_verdict_is_given_changed_and_journalled_with_both_values(world: EvaluatedYear, now: datetime) -> None:
    first = await give_verdict(
        world.organiser, now, programme_id=world.programme_id, decision=Decision.CHANGE, note=" 缩短到一小时 "
    )
    second = await give_verdict(
        world.organiser, now, programme_id=world.programme_id, decision=Decision.DROP, note="报名太少",
        expected_revision=1,
    )  # fmt: skip
    again = await give_verdict(
        world.organiser, now, programme_id=world.programme_id, decision=Decision.DROP, note="报名太少",
        expected_revision=1,
    )  # fmt: skip

    assert (first.decision, first.note, first.revision) == (Decision.CHANGE, "缩短到一小时", 1)
    assert (second.decision, second.revision, second.decided_by_name) == (Decision.DROP, 2, world.organiser.name)
    assert again == second
    lines = await db.rows(
        "SELECT action, object_id, from_state, to_state, reason, facts FROM accounts_journal ORDER BY id"
    )
    assert [(one["action"], one["from_state"], one["to_state"], one["reason"]) for one in lines] == [
        ("verdict.given", None, "change", "缩短到一小时"),
        ("verdict.given", "change", "drop", "报名太少"),
    ]
    assert '"note_before":"缩短到一小时"' in lines[1]["facts"].replace(": ", ":")
    assert (await scores(world, now)).of(world.programme_id).verdict == second


async def test_a_closed_year_takes_verdicts(world: EvaluatedYear, now: datetime) -> None:
    await make_year(world.root, state="closed")

    made = await give_verdict(world.organiser, now, programme_id=world.programme_id, decision=Decision.KEEP)

    assert (made.decision, made.note) == (Decision.KEEP, "")


async def test_who_may_not_decide_and_what_is_refused(world: EvaluatedYear, now: datetime) -> None:
    stranger = await make_actor(Role.ORGANISER, await make_organisation(name="外地总工会"))
    for who, error in (
        (world.evaluator, ForbiddenError),
        (world.contact, ForbiddenError),
        (stranger, NotFoundError),
    ):
        with pytest.raises(error):
            await give_verdict(who, now, programme_id=world.programme_id, decision=Decision.KEEP)
    with pytest.raises(InvalidError) as refusal:
        await give_verdict(world.organiser, now, programme_id=world.programme_id, decision=Decision.DROP, note="  ")
    assert [one.field for one in refusal.value.problems] == ["note"]
    with pytest.raises(StaleError):
        await give_verdict(
            world.organiser, now, programme_id=world.programme_id, decision=Decision.KEEP, expected_revision=1
        )
    assert await Verdict.count() == 0


async def test_of_two_at_once_the_second_learns_it(world: EvaluatedYear, now: datetime) -> None:
    made = await asyncio.gather(
        *(
            give_verdict(
                world.organiser, now, programme_id=world.programme_id, decision=decision, note="理由",
                expected_revision=0,
            )
            for decision in (Decision.KEEP, Decision.DROP)
        ),
        return_exceptions=True,
    )  # fmt: skip

    assert sorted(type(one).__name__ for one in made) == ["StaleError", "VerdictRow"]
    assert await db.value("SELECT count(*) FROM accounts_journal") == 1


# --- sessions --------------------------------------------------------------------------------------------------------


async def test_sessions_carry_their_figures_and_no_place(world: EvaluatedYear) -> None:
    found = await evaluated_sessions(world.root.id, year=2015, as_of=AS_OF)

    assert [one.id for one in found] == [world.sessions[name].id for name in ("may", "june", "show")]
    may, june, show = found
    assert (may.unit, may.district, may.visits, may.workers, may.check_ins) == ("胥江机械厂工会", "姑苏区", 90, 80, 0)
    assert (may.cost_fen, may.cost_by_kind, may.fen_per_visit) == (50_000, {"fee": 40_000, "travel": 10_000}, 556)
    assert (may.evidence, may.reviews, may.review_mark) == ({"sheet": 1}, 1, 4)
    assert (june.visits, june.workers, june.check_ins, june.opinions.answers) == (4, 2, 4, 5)
    assert june.opinions.mean == pytest.approx(4.2)
    assert (june.cost_fen, june.fen_per_visit) == (None, None)
    assert (show.visits, show.workers) == (400, None)
    assert await number_of_sessions(world.root.id, year=2015, as_of=AS_OF) == 3
    assert await number_of_sessions(world.root.id, year=2015, as_of=AS_OF, programme_id=world.other.id) == 1


async def test_guests_and_confidential_programmes_are_not_named(world: EvaluatedYear) -> None:
    await db.execute("UPDATE events_session SET host = $1 WHERE id = $2", world.guest.id, world.sessions["may"].id)
    await db.execute("UPDATE programmes_programme SET confidential = true WHERE id = $1", world.other.id)

    may, _june, show = await evaluated_sessions(world.root.id, year=2015, as_of=AS_OF)

    assert (may.unit, may.district) == ("", "姑苏区")
    assert (show.unit, show.district) == ("", "")


async def test_one_and_three_sessions_ask_as_often(world: EvaluatedYear) -> None:
    async def asked(limit: int) -> int:
        with counted() as sent:
            assert len(await evaluated_sessions(world.root.id, year=2015, as_of=AS_OF, limit=limit)) == limit
        return len(sent)

    assert (await asked(1), await asked(3)) == (4, 4)


async def test_too_few_answers_of_a_session_are_withheld(world: EvaluatedYear) -> None:
    await world.opinion(world.sessions["may"], 2)

    may = (await evaluated_sessions(world.root.id, year=2015, as_of=AS_OF))[0]

    assert (may.opinions.answers, may.opinions.mean, may.opinions.marks) == (1, None, {})


async def test_a_session_is_for_who_evaluates_it_and_took_place(world: EvaluatedYear) -> None:
    outside = await make_actor(Role.EVALUATOR, await make_organisation(name="外地总工会"))
    june = world.sessions["june"].id

    assert (await evaluated_session(world.evaluator, june)).check_ins == 4
    assert (await evaluated_session(evaluator(world.organiser), june)).check_ins == 4
    for who, id_ in ((outside, june), (world.evaluator, world.sessions["open"].id), (world.contact, june)):
        with pytest.raises(NotFoundError):
            await evaluated_session(who, id_)


# --- pseudonyms ------------------------------------------------------------------------------------------------------


async def rows_of(world: EvaluatedYear, settings: Settings, as_of: date = AS_OF) -> list[dict[str, str]]:
    pieces = [one async for one in attendees_csv(world.root.id, identity_key(settings), year=2015, as_of=as_of)]
    text = b"".join(pieces)
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text[3:].decode())))


async def test_the_file_has_everybody_under_the_pseudonym_of_the_page(world: EvaluatedYear, settings: Settings) -> None:
    rows = await rows_of(world, settings)
    page = await attendees_page(
        world.evaluator, identity_key(settings), session_id=world.sessions["june"].id, present=True, limit=50
    )

    assert len(rows) == 4 == await number_of_attendees(world.root.id, year=2015, as_of=AS_OF)
    assert {one["代号"] for one in rows} == {one.name for one in page.items}
    assert sorted(one["单位"] for one in rows) == ["", "胥江机械厂工会", "胥江机械厂工会", "虞山服饰工会"]
    assert {(one["场次"], one["日期"], one["签到方式"]) for one in rows} == {("'=1+1 倒班与睡眠", "2015-06-10", "扫码")}
    assert sorted(one["是否职工"] for one in rows) == ["", "否", "是", "是"]
    assert await rows_of(world, settings, date(2015, 6, 9)) == []


async def test_the_same_person_has_the_same_pseudonym_everywhere(world: EvaluatedYear, settings: Settings) -> None:
    await world.attendee(world.sessions["show"], "写错的名字", number=f"+86 {NUMBER}")

    rows = await rows_of(world, settings)

    assert len(rows) == 5
    assert len({one["代号"] for one in rows}) == 4


async def test_trying_every_number_without_the_key_finds_nobody(world: EvaluatedYear, settings: Settings) -> None:
    """The number is among those tried, with every way of hashing that needs no key, and with other keys."""
    known = {one["代号"].removeprefix("P-") for one in await rows_of(world, settings)}
    key = identity_key(settings)
    assert pseudonym_of(key, identity_of(key, number=NUMBER).hash).removeprefix("P-") in known

    for number in (NUMBER, f"86{NUMBER}"):
        plain = number.encode()
        guesses = [hash_(plain).hexdigest() for hash_ in (hashlib.md5, hashlib.sha1, hashlib.sha256)]
        guesses += [
            hmac.new(other, plain, "sha256").hexdigest() for other in (b"", b"attendee", b"pseudonym", b"t" * 40)
        ]
        guesses += [identity_of(other, number=number).hash for other in (b"", b"attendee", b"t" * 40)]
        tried = {one[:10] for one in guesses}
        tried |= {pseudonym_of(other, one).removeprefix("P-") for one in guesses for other in (b"", b"attendee", b"x")}
        assert not tried & known
    # Nor does what the database keeps give it away: the pseudonym is no part of the identity's hash.
    stored = await db.rows("SELECT identity FROM attendance_attendee")
    assert not any(pseudonym in one["identity"] for pseudonym in known for one in stored)


async def test_a_long_file_comes_in_pieces_and_loses_nobody(world: EvaluatedYear, settings: Settings) -> None:
    number = CHUNK * 2 + 3
    await db.execute(
        """INSERT INTO attendance_attendee (id, session, "on", name, unit_name, identity, by_number, tail, groups,
                  expected, present, came_by, checked_in_at, device, created_at, changed_at, revision)
           SELECT gen_random_uuid(), $1, DATE '2015-06-20', 'x', '', md5(n::text), false, '', '{}', false, true, 'list',
                  now(), '', now(), now(), 1 FROM generate_series(1, $2) n""",
        world.sessions["show"].id,
        number,
    )

    pieces = [one async for one in attendees_csv(world.root.id, b"k", year=2015, as_of=AS_OF)]

    rows = list(csv.reader(io.StringIO(b"".join(pieces)[3:].decode())))
    assert len(pieces) == 4
    assert len(rows) == 1 + 4 + number
    assert len({(one[0], one[2], one[5]) for one in rows[1:]}) == 4 + number
