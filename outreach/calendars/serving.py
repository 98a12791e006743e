"""A feed as HTTP answer: strong tag, date, 304, HEAD; the same for every reader."""

from datetime import datetime
from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse

from outreach.calendars.domain.conditions import http_date, is_unchanged
from outreach.calendars.feeds import Feed

__all__ = ["PRIVATE", "PUBLIC", "answer"]

PUBLIC = "public, max-age=900"
PRIVATE = "private, no-store"


def answer(request: Request[Any, Any, Any], feed: Feed, now: datetime, *, caching: str = PUBLIC) -> ASGIResponse:
    """The whole feed, its headers alone (HEAD), or 304 when the reader has it."""
    headers = {
        "etag": feed.etag,
        "last-modified": http_date(feed.last_modified),
        "cache-control": caching,
    }
    asked = request.headers
    if is_unchanged(
        asked.get("if-none-match"),
        asked.get("if-modified-since"),
        etag=feed.etag,
        last_modified=feed.last_modified,
        now=now,
    ):
        return ASGIResponse(headers=headers, status_code=304)
    headers["content-type"] = "text/calendar; charset=utf-8"
    headers["content-length"] = str(len(feed.body))
    if request.method == "HEAD":
        return ASGIResponse(headers=headers, is_head_response=True)
    return ASGIResponse(body=feed.body, headers=headers)
