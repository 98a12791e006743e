"""Who sees which session, and lists that cost the same whatever their length."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.events.commands import change_draft, create_session, revise_within
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, Visibility
from outreach.events.domain.visibility import may_see
from outreach.events.menu import events_page, providers_page, venues_page
from outreach.events.queries import (
    SESSION_SQL,
    SessionFilter,
    session_by_id,
    session_row,
    sessions_of_month,
    sessions_page,
    state_counts,
    upcoming_sessions,
    visible_session,
    visible_sql,
)
from outreach.events.tables import Provider, Session, SessionOrganiser
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme
from tests.support.queries import counted


async def visible_ids(actor: Actor | None) -> set[UUID]:
    condition, args = visible_sql(actor, 1)
    return {row["id"] for row in await db.rows(f"{SESSION_SQL} WHERE {condition}", *args)}


async def test_the_question_and_the_predicate_agree_on_every_combination(database: None) -> None:
    root = await make_organisation()
    district = await make_organisation(parent=root, kind="joint_union")
    union = await make_organisation(parent=district)
    barracks = await make_organisation(parent=district, kind="guest")
    elsewhere = await make_organisation()
    giver = await make_actor(Role.PROVIDER, root)
    provider = await make_provider(root, person=giver.person_id)
    actors: list[Actor | None] = [None, giver]
    for role, organisation in product(Role, (root, district, union, barracks, elsewhere)):
        actors.append(await make_actor(role, None if role is Role.ADMINISTRATOR else organisation))
    event = await make_event(await make_programme(root))
    hosts: list[Organisation | None] = [None, union, barracks]
    for state, visibility, host, owner, given, named in product(
        SessionState, Visibility, hosts, (root, district), ((), (provider,)), (None, union, elsewhere)
    ):
        made = await make_session(
            event,
            providers=given,
            state=state.value,
            visibility=visibility.value,
            host=host.id if host else None,
            organisation=owner.id,
        )
        if named is not None:
            await SessionOrganiser(session=made.id, organisation=named.id, part="support").save()
    sessions = [session_row(record) for record in await db.rows(SESSION_SQL)]
    assert len(sessions) == 540
    for actor in actors:
        expected = {session.id for session in sessions if may_see(actor, session.facts)}
        assert await visible_ids(actor) == expected, actor
    stranger = [session for session in sessions if may_see(None, session.facts)]
    contact = next(actor for actor in actors if actor and actor.contact_ids == (elsewhere.id,))
    named_only = [one for one in sessions if may_see(contact, one.facts) and one.visibility == "host"]
    assert {one.organiser_ids for one in named_only} == {(elsewhere.id,)}
    assert {(one.visibility, one.host_kind == "guest", one.state == "draft") for one in stranger} == {
        ("public", False, False)
    }


@pytest.mark.parametrize(
    "hidden",
    [{"state": "draft"}, {"visibility": "host"}, {"visibility": "members"}, {"host": "guest"}],
    ids=["draft", "host", "members", "guest"],
)
async def test_a_stranger_finds_nothing_hidden_in_any_question(database: None, hidden: dict[str, Any]) -> None:
    root = await make_organisation()
    given = dict(hidden)
    if given.pop("host", None):
        given["host"] = str((await make_organisation(parent=root, kind="guest")).id)
    session = await make_session(await make_event(await make_programme(root)), **given)

    with pytest.raises(NotFoundError):
        await visible_session(None, session.id)
    assert (await sessions_page(None, SessionFilter(), NOW, limit=10)).total == 0
    assert await sessions_of_month(None, 2015, 9, NOW) == []
    assert await upcoming_sessions(None, NOW, limit=10) == ([], 0, [])
    organiser = await make_actor(Role.ORGANISER, root)
    assert (await visible_session(organiser, session.id)).id == session.id


@pytest.mark.parametrize("number", [1, 3])
async def test_lists_send_the_same_statements_for_one_row_and_three(database: None, number: int) -> None:
    root = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, root)
    programme = await make_programme(root)
    provider = await make_provider(root)
    event = await make_event(programme)
    for at in range(number):
        await make_session(event, providers=(provider,), starts_at=STARTS_AT + timedelta(days=at))
        await make_venue(root)
    for _at in range(number - 1):
        await make_event(programme)
        await make_provider(root)

    with counted() as page:
        assert len((await sessions_page(organiser, SessionFilter(), NOW, limit=10)).items) == number
    with counted() as month:
        assert len(await sessions_of_month(organiser, 2015, 9, NOW)) == number
    with counted() as upcoming:
        found = await upcoming_sessions(None, NOW, limit=2, offset=0)
        assert (len(found.sessions), found.total) == (min(number, 2), number)
    with counted() as menu:
        assert len((await events_page(None, limit=10)).items) == number
    with counted() as providers:
        assert len((await providers_page(organiser, limit=10)).items) == number
    with counted() as venues:
        assert len((await venues_page(organiser, limit=10)).items) == number
    assert [len(one) for one in (page, month, upcoming, menu, providers, venues)] == [2, 1, 2, 2, 2, 2]


async def test_upcoming_sessions_are_counted_by_programme_in_the_order_of_the_notice(database: None) -> None:
    root = await make_organisation()
    second = await make_programme(root, position=2, code="b", short_name="二")
    first = await make_programme(root, position=1, code="a", name="一号")
    for programme, count in ((second, 1), (first, 2)):
        event = await make_event(programme)
        for at in range(count):
            await make_session(event, starts_at=STARTS_AT + timedelta(days=at))
    await make_session(await make_event(first), starts_at=NOW - timedelta(days=1))

    found = await upcoming_sessions(None, NOW, limit=10)
    assert [(one.code, one.name, one.number) for one in found.programmes] == [("a", "一号", 2), ("b", "二", 1)]
    only = await upcoming_sessions(None, NOW, programme_id=first.id, limit=1, offset=1)
    assert (len(only.sessions), only.total, len(only.programmes)) == (1, 2, 2)


async def test_states_are_counted_and_unrecorded_ones_found(database: None) -> None:
    root = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, root)
    event = await make_event(await make_programme(root))
    past = await make_session(event, starts_at=NOW - timedelta(days=3))
    await make_session(event)
    await make_session(event, state="draft")
    counts = await state_counts(organiser, SessionFilter(managed=True), NOW)
    assert counts == {"draft": 1, "published": 2, "held": 0, "closed": 0, "cancelled": 0, "unrecorded": 1}
    found = await sessions_page(organiser, SessionFilter(unrecorded=True), NOW, limit=10)
    assert [one.id for one in found.items] == [past.id]


async def test_pages_go_backwards_too(database: None) -> None:
    root = await make_organisation()
    event = await make_event(await make_programme(root))
    made = [await make_session(event) for _number in range(3)]
    first = await sessions_page(None, SessionFilter(), NOW, limit=2, newest_first=True)
    second = await sessions_page(None, SessionFilter(), NOW, limit=2, after=first.next, newest_first=True)
    assert [one.id for one in [*first.items, *second.items]] == [one.id for one in reversed(made)]


async def test_a_draft_is_changed_only_as_it_was_read_and_by_those_who_run_it(database: None) -> None:
    root = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, root)
    provider = await make_provider(root)
    programme = await make_programme(root)
    event = await make_event(programme)
    given = SessionGiven(event_id=event.id, starts_at=STARTS_AT, organisers=(("host", root.id),))
    session_id = await create_session(organiser, NOW, given=given)
    again = SessionGiven(
        event_id=event.id, starts_at=STARTS_AT, provider_ids=(provider.id, provider.id), title="  新 题 "
    )

    assert await change_draft(organiser, NOW, session_id=session_id, given=again, revision=1) == 2
    stored = await session_by_id(session_id)
    assert (stored.title, stored.provider_ids, stored.organiser_ids, stored.revised_at) == (
        "新 题",
        (provider.id,),
        (),
        NOW,
    )
    with pytest.raises(StaleError):
        await change_draft(organiser, NOW, session_id=session_id, given=again, revision=1)
    with pytest.raises(NotFoundError):
        await change_draft(
            await make_actor(Role.ORGANISER, await make_organisation()), NOW, session_id=session_id, given=again
        )
    with pytest.raises(NotFoundError):
        await change_draft(organiser, NOW, session_id=UUID(int=5), given=again)
    await Session.update({Session.state: "published"}).where(Session.id == session_id)
    with pytest.raises(SessionStateError):
        await change_draft(organiser, NOW, session_id=session_id, given=again)
    with pytest.raises(ForbiddenError):
        await change_draft(
            await make_actor(Role.ORGANISER, await make_organisation()), NOW, session_id=session_id, given=again
        )
    contact = await make_actor(Role.CONTACT, root)
    with pytest.raises(ForbiddenError):
        await create_session(contact, NOW, given=given)


async def test_a_retired_provider_stays_with_a_draft_and_is_not_given_anew(database: None) -> None:
    root = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, root)
    provider = await make_provider(root)
    event = await make_event(await make_programme(root))
    given = SessionGiven(event_id=event.id, starts_at=STARTS_AT, provider_ids=(provider.id,))
    session_id = await create_session(organiser, NOW, given=given)
    await Provider.update({Provider.active: False}).where(Provider.id == provider.id)
    assert await change_draft(organiser, NOW, session_id=session_id, given=given) == 2
    with pytest.raises(InvalidError) as refused:
        await create_session(organiser, NOW, given=given)
    assert [problem.field for problem in refused.value.problems] == ["provider_ids"]


async def test_a_revision_is_raised_with_its_time(database: None) -> None:
    root = await make_organisation()
    session = await make_session(await make_event(await make_programme(root)))
    later: datetime = NOW + timedelta(hours=1)
    async with atomic():
        assert await revise_within(session.id, later) == 2
    stored = await session_by_id(session.id)
    assert (stored.revision, stored.revised_at) == (2, later)
    with pytest.raises(NotFoundError):
        async with atomic():
            await revise_within(UUID(int=5), later)
