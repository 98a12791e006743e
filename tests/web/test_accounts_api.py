"""JSON of accounts: who reads and writes what."""

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation

pytestmark = pytest.mark.usefixtures("database")

FIELDS = [
    "id",
    "code",
    "name",
    "kind",
    "parent_id",
    "district",
    "ownership",
    "industry",
    "member_count",
    "member_count_on",
    "women_count",
]


async def make_tree() -> tuple[Organisation, Organisation, Organisation, Organisation]:
    city = await make_organisation(name="市总工会", member_count=999)
    here = await make_organisation(parent=city, kind="federation", name="甲区总工会", member_count=99)
    there = await make_organisation(parent=city, kind="federation", name="乙区总工会", member_count=98)
    union = await make_organisation(
        parent=here, name="机床厂工会", member_count=9, ownership="public", industry="机械", women_count=4
    )
    return city, here, there, union


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def errors(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


async def test_strangers_read_nothing(client: httpx.AsyncClient) -> None:
    union = await make_organisation(name="机床厂工会")

    for path in ("/api/v1/organisations", f"/api/v1/organisations/{union.id}", "/api/v1/me"):
        answer = await client.get(path)
        assert problem(answer) == (401, "login-required")
        assert "机床厂" not in answer.text


async def test_a_contact_reads_what_lies_above_and_below_without_figures(app: Litestar) -> None:
    city, here, there, union = await make_tree()
    committee = await make_organisation(parent=union, kind="womens_committee", member_count=7)
    contact = await make_actor(Role.CONTACT, union)

    async with client_of(app, contact) as client:
        listed = (await client.get("/api/v1/organisations")).json()
        beside = await client.get(f"/api/v1/organisations/{there.id}")
        searched = (await client.get("/api/v1/organisations", params={"q": "乙区"})).json()

    assert [one["id"] for one in listed["items"]] == [str(one.id) for one in (city, here, union, committee)]
    assert list(listed["items"][0]) == FIELDS
    assert [one["member_count"] for one in listed["items"]] == [None, None, 9, None]
    assert listed["items"][2]["ownership"] == "public"
    assert (listed["total"], listed["next"]) == (4, None)
    assert problem(beside) == (404, "not-found")
    assert searched == {"items": [], "next": None, "total": 0}


async def test_an_organiser_reads_all_figures_above_and_below_and_nothing_beside(app: Litestar) -> None:
    _city, here, there, union = await make_tree()
    organiser = await make_actor(Role.ORGANISER, here)

    async with client_of(app, organiser) as client:
        first = (await client.get("/api/v1/organisations", params={"limit": 2})).json()
        second = (await client.get("/api/v1/organisations", params={"limit": 2, "after": first["next"]})).json()
        one = await client.get(f"/api/v1/organisations/{union.id}")
        beside = await client.get(f"/api/v1/organisations/{there.id}")

    assert [row["member_count"] for row in first["items"] + second["items"]] == [999, 99, 9]
    assert (first["total"], second["next"]) == (3, None)
    assert one.headers["etag"] == '"1"'
    assert one.json()["industry"] == "机械"
    assert beside.status_code == 404


async def test_an_organisation_is_made_and_changed_with_its_revision(app: Litestar) -> None:
    _city, here, _there, _union = await make_tree()
    organiser = await make_actor(Role.ORGANISER, here)
    given = {
        "code": "SZ-9",
        "name": "六十个字的名称" * 8,
        "kind": "grassroots_union",
        "parent_id": str(here.id),
        "district": "甲区",
        "ownership": "non_public",
        "industry": "纺织",
        "member_count": 1200,
        "member_count_on": "2015-06-30",
        "women_count": 800,
    }

    async with client_of(app, organiser) as client:
        made = await client.post("/api/v1/organisations", json=given)
        path = f"/api/v1/organisations/{made.json()['id']}"
        changed = await client.patch(path, json={"member_count": 1300}, headers={"If-Match": made.headers["etag"]})
        stale = await client.patch(path, json={"member_count": 1}, headers={"If-Match": made.headers["etag"]})
        emptied = await client.patch(path, json={"member_count": None, "member_count_on": None})

    assert (made.status_code, made.json()) == (201, {**given, "id": made.json()["id"]})
    assert made.headers["location"] == path
    assert (changed.status_code, changed.json()["member_count"], changed.headers["etag"]) == (200, 1300, '"2"')
    assert problem(stale) == (412, "stale")
    assert (emptied.json()["member_count"], emptied.json()["women_count"]) == (None, 800)


async def test_writing_is_for_who_runs_the_parent(app: Litestar) -> None:
    city, here, there, union = await make_tree()
    organiser, contact = await make_actor(Role.ORGANISER, here), await make_actor(Role.CONTACT, union)
    given = {"code": "SZ-9", "name": "x", "kind": "grassroots_union"}

    async with client_of(app, contact) as client:
        as_contact = await client.post("/api/v1/organisations", json={**given, "parent_id": str(union.id)})
        patched = await client.patch(f"/api/v1/organisations/{union.id}", json={"name": "x"})
        beside = await client.patch(f"/api/v1/organisations/{there.id}", json={"name": "x"})
    async with client_of(app, organiser) as client:
        root = await client.post("/api/v1/organisations", json=given)
        above = await client.post("/api/v1/organisations", json={**given, "parent_id": str(city.id)})
        unknown = await client.post("/api/v1/organisations", json={**given, "parent_id": str(there.id)})
        moved = await client.patch(f"/api/v1/organisations/{union.id}", json={"parent_id": str(there.id)})

    assert problem(as_contact) == problem(patched) == problem(root) == problem(above) == (403, "forbidden")
    assert problem(beside) == (404, "not-found")
    assert [errors(one) for one in (unknown, moved)] == [["parent_id"], ["parent_id"]]
    assert await db.value("SELECT count(*) FROM accounts_organisation WHERE name = 'x'") == 0


async def test_administrators_make_roots(app: Litestar) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    headers = {"Idempotency-Key": "one"}

    async with client_of(app, administrator) as client:
        given = {"code": "SZ", "name": "市总工会", "kind": "federation"}
        made = await client.post("/api/v1/organisations", json=given, headers=headers)
        again = await client.post("/api/v1/organisations", json=given, headers=headers)
        guest = await client.post("/api/v1/organisations", json={"code": "G", "name": "敬老院", "kind": "guest"})

    assert made.status_code == 201
    assert again.json() == made.json()
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 1
    assert errors(guest) == ["parent_id"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"kind": "club"}, "kind"),
        ({"parent_id": "not an id"}, "parent_id"),
        ({"parent_id": str(new_id())}, "parent_id"),
        ({"member_count": -1}, "member_count"),
        ({"member_count": 10**12}, "member_count"),
        ({"member_count": "many"}, "member_count"),
        ({"member_count_on": "1900-01-01"}, "member_count_on"),
        ({"member_count_on": "2015-13-01"}, "member_count_on"),
        ({"ownership": "mixed"}, "ownership"),
        ({"district": "x" * 41}, "district"),
        ({"path": "/"}, "path"),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_stored(app: Litestar, bad: dict[str, object], field: str) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    async with client_of(app, administrator) as client:
        given = {"code": "SZ", "name": "市总工会", "kind": "federation", **bad}
        answer = await client.post("/api/v1/organisations", json=given)

    assert problem(answer) == (422, "invalid")
    assert errors(answer) == [field]
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 0


@pytest.mark.parametrize(
    "given", ["?limit=0", "?limit=201", "?limit=x", "?kind=club", "?after=xx", "/not-an-id", "/%00"]
)
async def test_bad_questions_are_refused_not_failed(app: Litestar, given: str) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    async with client_of(app, administrator) as client:
        answer = await client.get(f"/api/v1/organisations{given}")

    assert answer.status_code == (404 if given.startswith("/") else 422)


async def test_me_tells_who_the_caller_is(app: Litestar) -> None:
    union = await make_organisation(name="机床厂工会")
    contact = await make_actor(Role.CONTACT, union, name="陈巧云")

    async with client_of(app, contact) as client:
        me = (await client.get("/api/v1/me")).json()

    assert me["person"] == {"id": str(contact.person_id), "name": "陈巧云", "locale": "zh_CN"}
    assert me["grants"] == [{"role": "contact", "organisation_id": str(union.id), "organisation_name": "机床厂工会"}]


async def test_a_browser_program_gets_its_token_for_unsafe_requests_from_me(app: Litestar) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    given = {"code": "SZ", "name": "市总工会", "kind": "federation"}

    async with browser_of(app, administrator) as browser:
        refused = await browser.post("/api/v1/organisations", json=given)
        token = (await browser.get("/api/v1/me")).json()["csrf_token"]
        made = await browser.post("/api/v1/organisations", json=given, headers={"X-CSRF-Token": token})

    assert problem(refused) == (403, "csrf")
    assert made.status_code == 201


async def test_the_document_names_exactly_the_fields_of_an_organisation(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()

    assert set(document["paths"]["/api/v1/organisations"]) == {"get", "post"}
    assert set(document["paths"]["/api/v1/organisations/{organisation_id}"]) == {"get", "patch"}
    assert list(document["components"]["schemas"]["OrganisationOut"]["properties"]) == FIELDS
