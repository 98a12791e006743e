"""What leaves the site: pictures, texts, tags in the head, the list for other sites."""

import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from PIL import Image

from outreach.events.tables import Event
from outreach.settings import SettingsError, load_settings
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from outreach.web.security import SecurityHeadersMiddleware
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme

HOST = "http://testserver"


async def an_event(**programme: Any) -> Event:
    return await make_event(await make_programme(await make_organisation(), **programme))


def size_of(response: httpx.Response) -> tuple[int, int]:
    with Image.open(io.BytesIO(response.content)) as picture:
        return picture.size


async def test_a_poster_and_a_card_of_a_public_session(client: httpx.AsyncClient, database: None) -> None:
    session = await make_session(await an_event())

    poster = await client.get(f"/sessions/{session.id}/share.png")
    card = await client.get(f"/sessions/{session.id}/card.png")
    head = await client.head(f"/sessions/{session.id}/card.png")
    again = await client.get(f"/sessions/{session.id}/share.png", headers={"If-None-Match": poster.headers["etag"]})

    assert (poster.status_code, poster.headers["content-type"], size_of(poster)) == (200, "image/png", (1080, 1440))
    assert poster.headers["cache-control"] == "public, max-age=300"
    assert size_of(card) == (1200, 630)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(card.content)))
    assert (again.status_code, again.content) == (304, b"")


async def test_what_strangers_may_not_see_has_no_picture_for_them(
    app: Litestar, client: httpx.AsyncClient, database: None
) -> None:
    root = await make_organisation()
    event = await make_event(await make_programme(root))
    draft = await make_session(event, state="draft")
    inside = await make_session(event, visibility="host", host=(await make_organisation(parent=root)).id)
    organiser = await make_actor(Role.ORGANISER, root)

    for path in ("share.png", "card.png", "share"):
        assert [(await client.get(f"/sessions/{one.id}/{path}")).status_code for one in (draft, inside)] == [404, 404]
    async with browser_of(app, organiser) as browser:
        own = await browser.get(f"/sessions/{inside.id}/share.png")
        assert (own.status_code, own.headers["cache-control"]) == (200, "private, no-cache")
        assert (await browser.get(f"/sessions/{draft.id}/share.png")).status_code == 404
        assert "这一场不对外公开" in (await browser.get(f"/sessions/{inside.id}/share")).text


async def test_the_page_to_pass_on_a_session(client: httpx.AsyncClient, database: None) -> None:
    session = await make_session(await an_event(), title="睡眠与情绪")

    page = await client.get(f"/sessions/{session.id}/share")

    assert page.status_code == 200
    assert "】睡眠与情绪\n时间：2015年9月24日（周四）14:00—15:30\n地点：吴中区木渎镇职工活动中心三楼报告厅" in page.text
    assert f'src="/sessions/{session.id}/share.png"' in page.text
    assert f'href="/sessions/{session.id}/share"' in (await client.get(f"/sessions/{session.id}")).text


def tags_of(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)">', html))


def event_of(html: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(found[1]) if found else None


async def test_tags_for_chats_and_search_engines(client: httpx.AsyncClient, database: None, now: datetime) -> None:
    root = await make_organisation(name="吴中区总工会")
    event = await make_event(await make_programme(root), summary="讲三件事。\n第一件。", audience="倒班职工")
    lecturer = await make_provider(root, name="周敏华")
    moved = datetime(2015, 9, 20, 14, 0, tzinfo=ZONE)
    session = await make_session(
        event,
        title='睡眠"与"<情绪>',
        providers=(lecturer,),
        venue=(await make_venue(root, name="文化宫")).id,
        moved_from=moved,
    )

    html = (await client.get(f"/sessions/{session.id}")).text
    found = event_of(html)

    assert tags_of(html) == {
        "og:type": "website",
        "og:title": "睡眠&#34;与&#34;&lt;情绪&gt;",
        "og:description": "2015年9月24日（周四）14:00—15:30，文化宫 吴中区木渎镇职工活动中心三楼报告厅",
        "og:url": f"{HOST}/sessions/{session.id}",
        "og:image": f"{HOST}/sessions/{session.id}/card.png",
        "og:image:type": "image/png",
        "og:site_name": "工会实事项目",
    }
    assert found == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": '睡眠"与"<情绪>',
        "startDate": "2015-09-24T14:00:00+08:00",
        "endDate": "2015-09-24T15:30:00+08:00",
        "previousStartDate": "2015-09-20T14:00:00+08:00",
        "eventStatus": "https://schema.org/EventRescheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "文化宫",
            "address": "文化宫 吴中区木渎镇职工活动中心三楼报告厅",
        },
        "organizer": {"@type": "Organization", "name": "吴中区总工会", "url": HOST},
        "image": [f"{HOST}/sessions/{session.id}/card.png"],
        "url": f"{HOST}/sessions/{session.id}",
        "isAccessibleForFree": True,
        "inLanguage": "zh-CN",
        "description": "讲三件事。\n第一件。",
        "audience": {"@type": "Audience", "audienceType": "倒班职工"},
    }


async def test_a_title_cannot_end_the_data_early(client: httpx.AsyncClient, database: None) -> None:
    title = "</script><script>alert(1)</script>"
    session = await make_session(await an_event(), title=title)

    html = (await client.get(f"/sessions/{session.id}")).text

    assert event_of(html)["name"] == title
    assert "<script>alert" not in html


async def test_cancelled_and_hidden_sessions_in_the_tags(
    app: Litestar, client: httpx.AsyncClient, database: None, now: datetime
) -> None:
    """A cancelled one says so; one that strangers may not see has no tags even for those who may."""
    root = await make_organisation()
    event = await make_event(await make_programme(root))
    gone = await make_session(event, state="cancelled", published_at=now, cancelled_at=now, cancelled_by="organiser")
    inside = await make_session(event, visibility="host", host=(await make_organisation(parent=root)).id)

    html = (await client.get(f"/sessions/{gone.id}")).text
    async with browser_of(app, await make_actor(Role.ORGANISER, root)) as browser:
        own = (await browser.get(f"/sessions/{inside.id}")).text

    assert event_of(html)["eventStatus"] == "https://schema.org/EventCancelled"
    assert (tags_of(own), event_of(own)) == ({}, None)


async def test_a_month_to_pass_on(client: httpx.AsyncClient, database: None) -> None:
    event = await an_event(code="psychology", short_name="心理")
    await make_session(event, title="第一讲")
    await make_session(event, title="第二讲", starts_at=STARTS_AT + timedelta(days=1))
    await make_session(event, title="下月", starts_at=STARTS_AT + timedelta(days=9))
    await make_session(event, title="内部", visibility="host", host=(await make_organisation()).id)
    await make_session(event, title="没有了", state="cancelled")
    await make_session(event, title="上周的", starts_at=STARTS_AT - timedelta(days=14))
    await make_session(await an_event(code="culture"), title="演出")

    everything = (await client.get("/calendar/share?month=2015-09")).text
    one = (await client.get("/calendar/share?month=2015-09&programme=psychology")).text
    picture = await client.get("/calendar/share.png?month=2015-09&programme=psychology")
    calendar = (await client.get("/calendar?month=2015-09")).text

    assert [
        title for title in ("第一讲", "第二讲", "演出", "下月", "内部", "没有了", "上周的") if title in everything
    ] == [
        "第一讲",
        "第二讲",
        "演出",
    ]
    assert "9月24日（周四）\n　14:00　第一讲（吴中区）\n9月25日（周五）\n　14:00　第二讲（吴中区）\n看详情、预约" in one
    assert "演出" not in one.split('id="notice"')[1].split("</p>")[0]
    assert (picture.status_code, size_of(picture)) == (200, (1080, 1440))
    assert 'href="/calendar/share?month=2015-09"' in calendar
    assert tags_of(calendar)["og:image"] == f"{HOST}/calendar/share.png?month=2015-09"


async def test_an_empty_month_and_bad_addresses(client: httpx.AsyncClient, database: None) -> None:
    empty = await client.get("/calendar/share?month=2015-02")

    assert empty.status_code == 200
    assert "这个月还没有公开的场次。" in empty.text
    assert size_of(await client.get("/calendar/share.png?month=2015-02")) == (1080, 1440)
    for query in ("month=2015-13", "month=x", "month=1815-01", "month=2015-02%00"):
        for path in ("/calendar/share", "/calendar/share.png"):
            assert (await client.get(f"{path}?{query}")).status_code == 422, query
    assert (await client.get("/calendar/share?month=2015-02&programme=nothing")).status_code == 404


async def test_the_list_for_other_sites(client: httpx.AsyncClient, database: None, now: datetime) -> None:
    event = await an_event(code="psychology")
    session = await make_session(event, title="以后的")
    await make_session(event, title="过去的", starts_at=now - timedelta(days=3))
    await make_session(event, title="内部", visibility="host", host=(await make_organisation()).id)
    await make_session(await an_event(code="culture"), title="演出")

    everything = await client.get("/embed/sessions")
    one = await client.get("/embed/sessions?programme=psychology&limit=1")

    assert [title for title in ("以后的", "演出", "过去的", "内部") if title in everything.text] == ["以后的", "演出"]
    assert "演出" not in one.text
    assert f'<a href="{HOST}/sessions/{session.id}" rel="noopener">' in one.text
    assert '<base target="_blank">' in one.text
    assert "set-cookie" not in one.headers
    assert one.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    for bad in ("0", "51", "-1", "x"):
        assert (await client.get(f"/embed/sessions?limit={bad}")).status_code in (400, 422), bad


async def test_only_named_sites_may_show_the_list(
    app: Litestar, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And every other page may stand in no frame at all."""
    import msgspec

    allowed = load_settings({"OUTREACH_EMBED_ORIGINS": "https://www.example.cn/, https://gh.example.org:8443"})
    settings = msgspec.structs.replace(app.state.settings, embed_origins=allowed.embed_origins)
    monkeypatch.setattr(app.state, "settings", settings)

    transport = httpx.ASGITransport(app=SecurityHeadersMiddleware(app))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        listed = await client.get("/embed/sessions")
        other = await client.get("/calendar")

    assert listed.headers["content-security-policy"].endswith(
        "frame-ancestors 'self' https://www.example.cn https://gh.example.org:8443"
    )
    assert "x-frame-options" not in listed.headers
    assert other.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
    for bad in ("https://a.cn/path", "*", "javascript:x", "https://a.cn; script-src *"):
        with pytest.raises(SettingsError):
            load_settings({"OUTREACH_EMBED_ORIGINS": bad})
