"""A feed as HTTP answer: strong tag, date, 304, HEAD; the same for every reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse

from outreach.calendars.domain.conditions import http_date, is_unchanged
from outreach.calendars.feeds import Feed

__all__ = ["FOR_ONE", "PUBLIC", "SECRET", "answer"]

PUBLIC: Mapping[str, str] = {"cache-control": "public, max-age=900"}
#: What only those who are logged in may have: the next person at the same computer must not find it.
FOR_ONE: Mapping[str, str] = {"cache-control": "private, no-store"}
#: Behind an address that is a secret: no search engine lists it, no page that is opened next learns it.
SECRET: Mapping[str, str] = {
    "cache-control": "private, max-age=300",
    "x-robots-tag": "noindex",
    "referrer-policy": "no-referrer",
}


def answer(
    request: Request[Any, Any, Any], feed: Feed, now: datetime, *, headers: Mapping[str, str] = PUBLIC
) -> ASGIResponse:
    """The whole feed, its headers alone (HEAD), or 304 when the reader has it."""
    sent = {"etag": feed.etag, "last-modified": http_date(feed.last_modified), **headers}
    asked = request.headers
    if is_unchanged(
        asked.getall("if-none-match", []),
        asked.get("if-modified-since"),
        etag=feed.etag,
        last_modified=feed.last_modified,
        now=now,
    ):
        return ASGIResponse(headers=sent, status_code=304)
    sent["content-type"] = "text/calendar; charset=utf-8"
    sent["content-length"] = str(len(feed.body))
    if request.method == "HEAD":
        return ASGIResponse(headers=sent, is_head_response=True)
    return ASGIResponse(body=feed.body, headers=sent)
