"""Letters: what stands in them, whose template serves, an own one put in and taken back."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from outreach.accounts.tables import Organisation
from outreach.events.openings import opening_by_id
from outreach.events.queries import session_by_id
from outreach.letters import content
from outreach.letters.domain.errors import TemplateBrokenError
from outreach.letters.domain.kinds import KINDS, sample_of
from outreach.letters.forms import ConfirmationForm, MenuForm, OpeningForm
from outreach.letters.stored import (
    keep_template,
    letter_of,
    own_organisation,
    reset_template,
    template_for,
    templates_for,
)
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, StaleError
from outreach.shared.files import file_path
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme
from tests.support.papers_read import docx_text
from tests.support.queries import counted
from tests.support.word_templates import word

pytestmark = pytest.mark.usefixtures("database")

MENU, TEXT = KINDS["menu"], KINDS["menu-text"]
BASE = "http://testserver"


class World:
    """A city with a district below it, an organiser of each, and a unit."""

    city: Organisation
    district: Organisation
    union: Organisation
    organiser: Actor
    below: Actor

    async def build(self) -> "World":
        self.city = await make_organisation(name="市总工会")
        self.district = await make_organisation(parent=self.city, name="吴中区总工会", kind="federation")
        self.union = await make_organisation(parent=self.district, name="阳山精工工会")
        self.organiser = await make_actor(Role.ORGANISER, self.city, name="顾秀文")
        self.below = await make_actor(Role.ORGANISER, self.district, name="周晓燕")
        return self


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


async def keep(home: Path, actor: Actor, text: str, **given: object) -> None:
    await keep_template(actor, NOW, home=home, kind=MENU, content=word(text), name="模板.docx", **given)  # type: ignore[arg-type]


async def test_the_nearest_template_serves(world: World, home: Path) -> None:
    """The city's serves the district until the district has its own; without any the shipped one does."""
    assert await template_for(world.district.path, MENU) is None
    await keep(home, world.organiser, "市里的{{ title }}")
    await keep(home, world.below, "区里的{{ title }}")

    sample = sample_of(MENU.fields)
    assert docx_text((await letter_of(home, world.city.path, MENU, sample)).content).startswith("市里的")
    assert docx_text((await letter_of(home, world.union.path, MENU, sample)).content).startswith("区里的")
    assert await reset_template(world.below, NOW, kind=MENU)
    assert not await reset_template(world.below, NOW, kind=MENU)
    assert docx_text((await letter_of(home, world.union.path, MENU, sample)).content).startswith("市里的")
    with counted() as queries:
        assert set(await templates_for(world.district.path, list(KINDS))) == {"menu"}
    assert len(queries) == 1


async def test_what_cannot_be_used_is_not_stored(world: World, home: Path) -> None:
    with pytest.raises(InvalidError) as refused:
        await keep(home, world.organiser, "{{ titel }}和{{ nichts }}")

    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("file", "tag-unknown-near"),
        ("file", "tag-unknown"),
    ]
    assert "第1段" in refused.value.problems[0].facts["where"]
    assert await db.value("SELECT count(*) FROM letters_template") == 0
    assert await db.value("SELECT count(*) FROM accounts_journal") == 0


async def test_who_was_slower_is_told(world: World, home: Path) -> None:
    await keep(home, world.organiser, "一{{ title }}", revision=0)
    with pytest.raises(StaleError):
        await keep(home, world.organiser, "二{{ title }}", revision=0)
    await keep(home, world.organiser, "三{{ title }}", revision=1)
    row = await template_for(world.city.path, MENU)

    assert row is not None
    assert (row.revision, row.name, row.changed_by_name) == (2, "模板.docx", "顾秀文")
    assert [one["action"] for one in await db.rows("SELECT action FROM accounts_journal ORDER BY id")] == [
        "letter_template.changed",
        "letter_template.changed",
    ]


async def test_a_template_whose_file_is_gone_or_broken_gives_a_sentence(world: World, home: Path) -> None:
    await keep(home, world.organiser, "好{{ title }}")
    row = await template_for(world.city.path, MENU)
    assert row is not None
    file_path(home, row.digest).write_bytes(b"gone")
    with pytest.raises(TemplateBrokenError):
        await letter_of(home, world.city.path, MENU, sample_of(MENU.fields))


async def test_a_typed_template_serves_too(world: World, home: Path) -> None:
    text = "各位：{{ title }}\n{% for p in programmes %}\n{{ p.name }}\n{% endfor %}\n".encode()
    await keep_template(world.organiser, NOW, home=home, kind=TEXT, content=text, name="")
    made = await letter_of(home, world.city.path, TEXT, sample_of(TEXT.fields))

    assert made.content.decode() == "各位：2015年秋季职工活动菜单\n职工心理健康\n送文化到基层\n"
    with pytest.raises(InvalidError) as refused:
        await keep_template(world.organiser, NOW, home=home, kind=TEXT, content="好\n{{ nope }}".encode(), name="")
    assert refused.value.problems[0].facts["where"].startswith("第2行")


async def test_only_organisers_write(world: World, home: Path) -> None:
    contact = await make_actor(Role.CONTACT, world.union)
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    with pytest.raises(ForbiddenError):
        await keep(home, contact, "{{ title }}")
    assert (await own_organisation(administrator)).id == world.city.id
    assert (await own_organisation(world.below)).id == world.district.id


# --- what stands in them ---------------------------------------------------------------------------------------------


async def test_the_menu_lists_what_can_be_ordered_by_programme(world: World) -> None:
    mind = await make_programme(world.city, name="职工心理健康促进计划", short_name="心理健康", mark="心", position=1)
    other = await make_programme(world.city, code="culture", name="送文化", position=2)
    hidden = await make_programme(world.city, code="secret", name="保密", confidential=True, position=3)
    lecturer = await make_provider(world.city, name="沈若兰")
    event = await make_event(
        mind, title="睡眠", min_audience=30, max_audience=120, site_needs="投影", lead_days=7, audience="倒班职工"
    )
    await make_event(mind, title="不接单", orderable=False)
    await make_event(mind, title="下架", active=False)
    await make_event(other, title="锡剧", kind="演出", min_audience=80)
    await make_event(hidden, title="不能说")
    await db.execute(
        "INSERT INTO events_event_provider (id, event, provider) VALUES (gen_random_uuid(), $1, $2)",
        event.id,
        lecturer.id,
    )
    form = MenuForm(year=2015, season="秋季", contact_name="周晓燕", deadline=date(2015, 9, 30))
    items = await content.menu_items(world.organiser, 2015)
    made = content.menu_context(items, form, issuer=await own_organisation(world.organiser), now=NOW, base_url=BASE)

    assert (made["title"], made["deadline"], made["made_on"], made["count"]) == (
        "2015年秋季职工活动菜单", "2015年9月30日", "2015年9月15日", "2",
    )  # fmt: skip
    assert [(one["name"], [row["title"] for row in one["rows"]]) for one in made["programmes"]] == [
        ("心理健康", ["睡眠"]),
        ("送文化", ["锡剧"]),
    ]
    assert made["programmes"][0]["rows"][0] == {
        "number": "1", "title": "睡眠", "kind": "讲座", "topic": "", "summary": "", "audience": "倒班职工",
        "people": "30—120人", "minutes": "90分钟", "needs": "投影", "lead": "提前7天", "providers": "沈若兰",
    }  # fmt: skip
    assert set(made) == set(sample_of(MENU.fields))
    assert await content.menu_items(world.below, 2015) == []
    one = MenuForm(year=2015, contact_name="周晓燕", programme_ids=[other.id])
    issuer = await own_organisation(world.organiser)
    assert content.menu_context(items, one, issuer=issuer, now=NOW, base_url=BASE)["count"] == "1"


async def test_the_notice_of_an_opening_tells_no_hidden_place(world: World) -> None:
    programme = await make_programme(world.city, name="送文化")
    event = await make_event(programme, title="锡剧")
    guest = await make_organisation(parent=world.city, name="某部队", kind="guest")
    first = await make_session(event, title="公开场")
    second = await make_session(
        event,
        title="慰问场",
        host=guest.id,
        address="某山某号",
        starts_at=STARTS_AT + timedelta(days=1),
        claimable=True,
    )
    made = await make_opening(
        programme, name="第一批", max_per_organisation=2, sessions=(first, second), events=(event,)
    )
    opening = await opening_by_id(made.id)
    context = await content.opening_context(opening, OpeningForm(contact_name="周晓燕"), now=NOW, base_url=BASE)

    assert [(one["title"], one["place"], one["seats"]) for one in context["sessions"]] == [
        ("公开场", "吴中区木渎镇职工活动中心三楼报告厅", "120个"),
        ("慰问场", "吴中区", "整场可领"),
    ]
    assert [one["title"] for one in context["events"]] == ["锡剧"]
    assert (context["limit"], context["whom"], context["closes"]) == ("2", "所有单位", "")
    assert set(context) == set(sample_of(KINDS["opening"].fields))


async def test_the_letter_to_a_host_names_both_contacts(world: World, now: datetime) -> None:
    programme = await make_programme(world.city, name="职工心理健康促进计划")
    event = await make_event(programme, title="睡眠", site_needs="投影、音响")
    session = await make_session(event, host=world.union.id, setup_minutes=30, title="睡眠")
    await make_booking(session, world.union, is_host=True, contact_name="梁佩文", contact_phone="13700000001", seats=60)
    row = await session_by_id(session.id)

    assert await content.host_contact_of(row) == ("梁佩文", "13700000001", 60)
    assert await content.needs_of(row) == "投影、音响"
    form = ConfirmationForm(
        contact_name="周晓燕", contact_phone="0512-1", host_contact="梁佩文", host_phone="13700000001", audience=60,
        needs="投影", reply_by=date(2015, 9, 20), number="工函〔2015〕1号",
    )  # fmt: skip
    made = content.confirmation_context(row, form, issuer="市总工会", now=now, base_url=BASE)
    assert (made["host"], made["when"], made["arrival"], made["reply_by"], made["people_label"]) == (
        "阳山精工工会", "2015年9月24日（周四）14:00—15:30", "13:30", "2015年9月20日", "主讲",
    )  # fmt: skip
    assert set(made) == set(sample_of(KINDS["confirmation"].fields))
