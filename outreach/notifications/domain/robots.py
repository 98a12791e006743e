"""What group robots and other systems are sent, how it is signed, and what their answers mean. Pure.

Shapes and codes are those of the makers' documents: 企业微信 群机器人 (developer.work.weixin.qq.com, document 91770),
钉钉 自定义机器人 with 加签, 飞书 自定义机器人 with 签名校验. Robots answer 200 also when they refuse.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus

__all__ = ["SAFE_FACTS", "Call", "Shape", "Verdict", "json_call", "robot_call", "safe_facts", "signature", "verdict_of"]


class Shape(StrEnum):
    """Who listens at an address."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    JSON = "json"

    @property
    def is_robot(self) -> bool:
        """Whether people in a group read it."""
        return self is not Shape.JSON


#: Facts that leave the house. Names of people, units and places and what somebody typed as a reason do not.
SAFE_FACTS = (
    "title",
    "starts_at",
    "ends_at",
    "old_starts_at",
    "until",
    "seats",
    "visits",
    "reported",
    "count",
    "oldest",
    "session_id",
    "order_id",
)
#: The shortest limit of the three robots is 2,048 bytes of text.
_MOST_BYTES = 2000


def safe_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``facts`` that may be told to a group and to other systems."""
    return {name: facts[name] for name in SAFE_FACTS if facts.get(name) is not None}


@dataclass(frozen=True, slots=True)
class Call:
    """One POST."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means: taken, or why not and whether another try can help; ``after``: not earlier than that."""

    taken: bool
    reason: str = ""
    again: bool = True
    after: timedelta | None = None
    gone: bool = False


def robot_call(shape: Shape, url: str, secret: str, *, at: datetime, sign: str, text: str, href: str) -> Call:
    """The words as a robot of a group takes them.

    Args:
        at: the moment of this try; 钉钉 and 飞书 refuse signatures that are more than an hour old.
        sign: the name that stands before the text; a robot that asks for a 关键词 finds it there.
    """
    lines = f"【{sign}】{text}" if sign else text
    said = f"{_cut(lines, _MOST_BYTES - len(href.encode()) - 1)}\n{href}"
    body: dict[str, Any]
    match shape:
        case Shape.FEISHU:
            body = {"msg_type": "text", "content": {"text": said}}
            if secret:
                stamp = str(int(at.timestamp()))
                body = {"timestamp": stamp, "sign": _hmac64(f"{stamp}\n{secret}", ""), **body}
        case Shape.DINGTALK:
            body = {"msgtype": "text", "text": {"content": said}}
            if secret:
                stamp = str(int(at.timestamp() * 1000))
                signed = quote_plus(_hmac64(secret, f"{stamp}\n{secret}"))
                url = f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={signed}"
        case _:
            body = {"msgtype": "text", "text": {"content": said}}
    return Call(url, _json(body), {"Content-Type": "application/json; charset=utf-8"})


def json_call(url: str, secret: str, *, at: datetime, delivery: str, content: Mapping[str, Any]) -> Call:
    """The content as other systems take it, signed together with the moment of this try."""
    body = _json(content)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Outreach-Delivery": delivery,
        "Outreach-Signature": f"t={int(at.timestamp())},v1={signature(secret, int(at.timestamp()), body)}",
    }
    return Call(url, body, headers)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``v1`` of the header: HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _hmac64(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _cut(text: str, most: int) -> str:
    raw = text.encode()
    return text if len(raw) <= most else raw[: max(most - 3, 0)].decode(errors="ignore") + "…"


#: Codes that pass by themselves; everything else that is not 0 is wrong with the robot or its settings.
_BUSY = {
    # -1: the system is busy. 45009, 45033: too many calls.
    Shape.WECOM: frozenset({-1, 45009, 45033}),
    # 130101, 410100, 90030, 90018: too many calls, a robot is silent for ten minutes then. 302033 the same (new API).
    Shape.DINGTALK: frozenset({-1, 130101, 410100, 90030, 90018, 302033}),
    # 11232, 99991400: too many calls. 11246, 11247, 2200: inside the other side.
    Shape.FEISHU: frozenset({-1, 11232, 99991400, 11246, 11247, 2200}),
}
_PAUSE = {
    Shape.WECOM: timedelta(minutes=1),
    Shape.DINGTALK: timedelta(minutes=10),
    Shape.FEISHU: timedelta(minutes=1),
}
#: About this one message: another try says the same again.
_HOPELESS = frozenset({400, 413, 415, 422})
_LONGEST_WAIT = timedelta(hours=12)


def verdict_of(shape: Shape, status: int, body: bytes, retry_after: str = "") -> Verdict:
    """What an answer means.

    A redirect is refused, since it may lead anywhere; 410 says that nobody listens any more. Otherwise what is wrong
    with an address may be mended there, so it is tried again.
    """
    if 300 <= status < 400:
        return Verdict(False, f"HTTP {status}", again=False)
    if status == 410:
        return Verdict(False, "HTTP 410", again=False, gone=True)
    if not 200 <= status < 300:
        wait = _seconds(retry_after) if status in (429, 503) else None
        return Verdict(False, f"HTTP {status}", again=status not in _HOPELESS, after=wait)
    return _robot_verdict(shape, body) if shape.is_robot else Verdict(True)


def _robot_verdict(shape: Shape, body: bytes) -> Verdict:
    try:
        said = json.loads(body)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
        words = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "")
    except (ValueError, AttributeError):
        return Verdict(False, "no answer of a robot", again=True)
    if code == 0 and code is not False:
        return Verdict(True)
    reason = f"{code} {words}".strip()[:200]
    if code in _BUSY[shape]:
        return Verdict(False, reason, after=_PAUSE[shape])
    return Verdict(False, reason, again=False)


def _seconds(text: str) -> timedelta | None:
    given = text.strip()
    return (
        min(timedelta(seconds=int(given)), _LONGEST_WAIT)
        if given.isascii() and given.isdigit() and len(given) < 7
        else None
    )
