"""Own words, short messages, links of mails, addresses and robots: the rules, without a database."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.notifications.channels.letter import Letter, RefusedError, TryAgainError
from outreach.notifications.channels.sms import SmsChannel
from outreach.notifications.domain.addresses import is_public, shown_url, url_problems
from outreach.notifications.domain.choosing import shipped_choice, topics_for
from outreach.notifications.domain.confirming import GOOD_FOR, confirm_token, read_confirm_token
from outreach.notifications.domain.placeholders import fill, placeholder_problems
from outreach.notifications.domain.robots import Shape, json_call, robot_call, safe_facts, verdict_of
from outreach.notifications.domain.short import MOST_CHINESE, MOST_PLAIN, sms_text
from outreach.notifications.domain.topics import TOPIC_OF, MessageTopic
from outreach.notifications.own_words import OwnWords, draft_of, places_of
from outreach.notifications.subjects import subject_of
from outreach.notifications.wording import KINDS, message_text
from outreach.settings import Settings, SettingsError, load_settings
from tests.support.receiving import receiving

AT = datetime(2015, 9, 15, 1, 0, tzinfo=UTC)
PERSON = UUID(int=7)
KEY = b"k" * 32
FACTS: dict[str, Any] = {
    "title": "睡眠与情绪",
    "starts_at": "2015-09-24T14:00:00+08:00",
    "ends_at": "2015-09-24T15:30:00+08:00",
    "seats": 40,
    "link": "https://x.example.cn/s/1",
}


# --- own words --------------------------------------------------------------------------------------------------------


def test_a_line_whose_places_are_all_empty_is_left_out() -> None:
    text = "已确认{what}\n原因：{reason}\n人数：{seats}，地点：{where}\n\n不用回复"

    assert fill(text, {"what": "讲座", "seats": "4"}) == "已确认讲座\n人数：4，地点：\n\n不用回复"


@given(st.text(max_size=60))
def test_what_is_filled_in_is_never_looked_at_again(reason: str) -> None:
    """A reason with braces, formats or attributes stays what somebody typed."""
    reason = " ".join(reason.split())
    assert fill("a{reason}b", {"reason": reason, "what": "!"}) == (f"a{reason}b" if reason else "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{what}{when}", None),
        ("{who}", "unknown-placeholder"),
        ("{what.__class__}", "unknown-placeholder"),
        ("{what!r}", "unknown-placeholder"),
        ("{what:>1000000000}", "unknown-placeholder"),
        ("{}", "unknown-placeholder"),
        ("{what", "broken-placeholder"),
        ("what}", "broken-placeholder"),
        ("{{what}}", "broken-placeholder"),
        ("｛what｝", "broken-placeholder"),
    ],
)
def test_only_the_names_of_the_kind_may_stand_between_braces(text: str, code: str | None) -> None:
    found = placeholder_problems("body", text, places_of("booking-confirmed"))

    assert [(one.field, one.code) for one in found] == ([("body", code)] if code else [])


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_kind_can_be_begun_from_the_shipped_words(kind: str, language: str) -> None:
    """They pass the same check as own words, and say something."""
    subject, body = draft_of(kind)
    words = OwnWords({"/a/": {(kind, language): (subject, body)}})

    assert placeholder_problems("body", subject + body, places_of(kind)) == []
    assert 0 < len(subject) <= 120
    assert all(words.words_for("/a/b/", kind, language, {**FACTS, "summary": "一", "count": 1, "oldest": "2015-09-01"}))


def test_the_nearest_organisation_up_the_tree_has_its_say() -> None:
    def of(text: str) -> dict[tuple[str, str], tuple[str, str]]:
        return {("booking-confirmed", "zh_CN"): ("标题" + text, "正文{what}，{when}")}

    words = OwnWords({"/a/": of("甲"), "/a/b/": of("乙")})

    def subject(path: str, language: str = "zh_CN") -> str:
        return words.words_for(path, "booking-confirmed", language, FACTS)[0]

    assert [subject(path) for path in ("/a/", "/a/b/", "/a/b/c/", "/a/x/")] == ["标题甲", "标题乙", "标题乙", "标题甲"]
    assert words.words_for("/a/b/", "booking-confirmed", "zh_CN", FACTS)[1] == (
        "正文睡眠与情绪，2015年9月24日（周四）14:00—15:30"
    )
    shipped = (subject_of("booking-confirmed", FACTS), message_text("booking-confirmed", FACTS))
    assert words.words_for("/z/", "booking-confirmed", "zh_CN", FACTS) == shipped
    assert words.words_for("", "booking-confirmed", "zh_CN", FACTS) == shipped
    assert "标题" not in subject("/a/", "en")


def test_own_words_that_come_out_empty_give_way_to_the_shipped_ones() -> None:
    words = OwnWords({"/a/": {("booking-confirmed", "zh_CN"): ("{where}", "{where}")}})

    assert words.words_for("/a/", "booking-confirmed", "zh_CN", FACTS)[1] == message_text("booking-confirmed", FACTS)


# --- short messages ---------------------------------------------------------------------------------------------------


@given(st.text(max_size=400), st.sampled_from(["", "https://x.example.cn/sessions/1", "https://" + "x" * 300]))
def test_an_sms_is_never_longer_than_two(text: str, href: str) -> None:
    said = sms_text(text, href)

    most = MOST_PLAIN if said.isascii() else MOST_CHINESE
    assert len(said.encode("utf-16-le")) // 2 <= most
    assert not href or len(href) > 100 or said.endswith(href)


def test_the_end_of_a_long_sentence_gives_way_to_the_link() -> None:
    assert sms_text("场次已取消：“睡眠”。", "https://x.cn/1") == "场次已取消：“睡眠”。 https://x.cn/1"
    assert sms_text("长" * 200, "https://x.cn/1") == "长" * 118 + "… https://x.cn/1"
    assert sms_text("x" * 400, "https://x.cn/1") == "x" * 288 + "... https://x.cn/1"


def letter(**given: Any) -> Letter:
    return Letter(
        **{
            "delivery_id": UUID(int=9),
            "message_id": UUID(int=8),
            "kind": "session-cancelled",
            "topic": "sessions",
            "object_kind": "session",
            "object_id": UUID(int=1),
            "facts": {},
            "language": "zh_CN",
            "address": "13800000000",
            "person_id": PERSON,
            "organisation_id": None,
            "subject": "场次已取消",
            "text": "场次已取消：“睡眠{id}&phone=1”。",
            "href": "https://x.cn/1",
            "ident": "x",
            "at": AT,
            **given,
        }
    )


async def test_an_sms_gateway_is_spoken_to_as_the_settings_say() -> None:
    """What is filled in can add no field, neither to JSON nor to a form."""
    said = "场次已取消：“睡眠{id}&phone=1”。 https://x.cn/1"
    async with receiving(lambda _request: (200, b'{"code":0}', {})) as gateway:
        as_json = SmsChannel(
            Settings(
                sms_url=gateway.url,
                sms_body='{"to":["{phone}"],"data":{"content":"{text}"},"sid":"{id}"}',
                sms_header="Authorization: Bearer key",
                sms_success="code=0",
            )
        )
        await as_json.send(letter())
        as_form = SmsChannel(Settings(sms_url=gateway.url, sms_body="mobile={phone}&content={text}&sign=%E5%B7%A5"))
        await as_form.send(letter())
        as_get = SmsChannel(Settings(sms_url=gateway.url, sms_method="GET", sms_body="mobile={phone}&content={text}"))
        await as_get.send(letter())
        for one in (as_json, as_form, as_get):
            await one.close()

    first, second, third = gateway.requests
    assert first.json == {"to": ["13800000000"], "data": {"content": said}, "sid": UUID(int=9).hex}
    assert first.headers["authorization"] == "Bearer key"
    assert parse_qs(second.body.decode()) == {"mobile": ["13800000000"], "content": [said], "sign": ["工"]}
    assert (third.method, third.body) == ("GET", b"")
    assert parse_qs(urlsplit(third.path).query) == {
        "key": ["0123456789abcdef"], "mobile": ["13800000000"], "content": [said],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "success", "refused"),
    [
        (200, b'{"code":1,"msg":"no"}', "code=0", RefusedError),
        (200, b'{"result":[{"ok":false}]}', "result.0.ok=true", RefusedError),
        (200, b"ERR", "OK", RefusedError),
        (400, b"", None, RefusedError),
        (503, b"", None, TryAgainError),
    ],
)
async def test_an_sms_gateway_may_say_no(
    status: int, body: bytes, success: str | None, refused: type[Exception]
) -> None:
    async with receiving(lambda _request: (status, body, {})) as gateway:
        channel = SmsChannel(Settings(sms_url=gateway.url, sms_success=success))
        with pytest.raises(refused):
            await channel.send(letter())
        await channel.close()


@pytest.mark.parametrize("body", ['{"phone":"{phone}"}', '{"phone":"{phone}","text":"{text}"', "{phone}{text}"])
def test_a_body_that_cannot_be_filled_stops_the_start(body: str) -> None:
    env = {"OUTREACH_SMS_URL": "https://sms.example.cn/send", "OUTREACH_SMS_BODY": body}

    with pytest.raises(SettingsError, match="OUTREACH_SMS_BODY"):
        load_settings(env)


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "224.0.0.1", "255.255.255.255", "192.0.2.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:93.184.215.14",
        "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2001::1", "fec0::1", "fd00:ec2::254",
        "nonsense",
    ],
)  # fmt: skip
def test_what_is_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "240e::1"])
def test_what_is_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", None),
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "not-https"),
        ("ftp://x.example.cn/", "not-https"),
        ("https://user:pw@x.example.cn/", "not-an-address"),
        ("https://x.example.cn/#a", "not-an-address"),
        ("https://x.example.cn/a b", "not-an-address"),
        ("https://x.example.cn\\@10.0.0.1/", "not-an-address"),
        ("https://x.example.cn:x/", "not-an-address"),
        ("https://微信.cn/", "not-an-address"),
        ("https://", "not-an-address"),
        ("qyapi", "not-an-address"),
        ("https://10.0.0.1/", "private-address"),
        ("https://[::1]/", "private-address"),
        ("https://localhost/", "private-address"),
        ("https://intranet/", "private-address"),
    ],
)
def test_which_addresses_may_be_typed_in(url: str, code: str | None) -> None:
    assert [one.code for one in url_problems("url", url)] == ([code] if code else [])


def test_where_everybody_is_trusted_any_host_may_be_typed_in() -> None:
    assert url_problems("url", "http://127.0.0.1:9/x", anywhere=True) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789",
            "https://qyapi.weixin.qq.com/cgi-bin/…6789",
        ),
        ("https://x.example.cn/abc", "https://x.example.cn/…"),
        ("https://x.example.cn", "https://x.example.cn/…"),
    ],
)
def test_a_page_shows_no_key(url: str, shown: str) -> None:
    assert shown_url(url) == shown


# --- robots -----------------------------------------------------------------------------------------------------------


def call(shape: Shape, secret: str = "SECx", text: str = "场次有变动。") -> Any:
    return robot_call(
        shape, "https://r.example.cn/x?key=1", secret, at=AT, sign="市总", text=text, href="https://x.cn/1"
    )


def test_the_shapes_of_robots() -> None:
    words = "【市总】场次有变动。\nhttps://x.cn/1"
    stamp = str(int(AT.timestamp()))

    wecom = call(Shape.WECOM, "")
    assert (wecom.url, json.loads(wecom.body)) == (
        "https://r.example.cn/x?key=1",
        {"msgtype": "text", "text": {"content": words}},
    )
    ding = call(Shape.DINGTALK)
    made = base64.b64encode(hmac.new(b"SECx", f"{stamp}000\nSECx".encode(), hashlib.sha256).digest()).decode()
    assert parse_qs(urlsplit(ding.url).query) == {"key": ["1"], "timestamp": [f"{stamp}000"], "sign": [made]}
    assert json.loads(ding.body) == {"msgtype": "text", "text": {"content": words}}
    feishu = call(Shape.FEISHU)
    made = base64.b64encode(hmac.new(f"{stamp}\nSECx".encode(), b"", hashlib.sha256).digest()).decode()
    assert json.loads(feishu.body) == {
        "timestamp": stamp, "sign": made, "msg_type": "text", "content": {"text": words},
    }  # fmt: skip
    assert "sign" not in json.loads(call(Shape.FEISHU, "").body)


def test_a_long_text_is_cut_and_keeps_its_link() -> None:
    content = json.loads(call(Shape.WECOM, "", "长" * 3000).body)["text"]["content"]

    assert len(content.encode()) <= 2048
    assert content.endswith("…\nhttps://x.cn/1")


def test_a_signature_covers_the_moment_and_the_body() -> None:
    made = json_call("https://x.cn/", "key", at=AT, delivery="d", content={"a": 1})

    stamp = int(AT.timestamp())
    wanted = hmac.new(b"key", f"{stamp}.".encode() + made.body, hashlib.sha256).hexdigest()
    assert made.headers["Outreach-Signature"] == f"t={stamp},v1={wanted}"


def test_what_is_not_known_to_be_harmless_stays_in_the_house() -> None:
    facts = {**FACTS, "reason": "陈巧云", "organisation": "x", "where": "y", "email": "z", "token": "t", "note": "n"}

    assert set(safe_facts(facts)) == {"title", "starts_at", "ends_at", "seats"}


@given(st.binary(max_size=100), st.sampled_from(list(Shape)), st.integers(100, 599))
def test_no_answer_breaks_the_reading(body: bytes, shape: Shape, status: int) -> None:
    verdict = verdict_of(shape, status, body, body.decode("latin-1"))

    assert verdict.taken <= (200 <= status < 300)


# --- links and choices ------------------------------------------------------------------------------------------------


def test_a_link_confirms_one_address_of_one_person_for_three_days() -> None:
    token = confirm_token(PERSON, "a@example.cn", KEY, until=AT + GOOD_FOR)

    assert read_confirm_token(token, KEY, AT) == (PERSON, "a@example.cn")
    assert read_confirm_token(token, KEY, AT + GOOD_FOR) is None
    assert read_confirm_token(token, b"x" * 32, AT) is None
    assert read_confirm_token(token[:-2] + "AA", KEY, AT) is None
    assert read_confirm_token("", KEY, AT) is None


@given(st.text(max_size=200))
def test_nothing_typed_by_hand_is_a_link(token: str) -> None:
    assert read_confirm_token(token, KEY, AT) is None


def test_everybody_chooses_about_what_concerns_them() -> None:
    assert topics_for(contact=False, provider=False, staff=True) == (MessageTopic.SUMMARY, MessageTopic.DESK)
    assert MessageTopic.DESK not in topics_for(contact=True, provider=True, staff=False)
    assert shipped_choice(MessageTopic.BOOKINGS, "mail", by_mail=True)
    assert not shipped_choice(MessageTopic.SUMMARY, "mail", by_mail=True)
    assert not shipped_choice(MessageTopic.BOOKINGS, "sms", by_mail=True)
    assert set(TOPIC_OF) <= set(KINDS)
