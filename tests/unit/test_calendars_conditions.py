"""When a reader has the bytes already."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from outreach.calendars.domain.conditions import http_date, is_unchanged

NOW = datetime(2015, 9, 15, 1, 0, tzinfo=UTC)
MODIFIED = datetime(2015, 9, 12, 1, 0, 0, 999, tzinfo=UTC)
ETAG = '"abc"'
SINCE = "Sat, 12 Sep 2015 01:00:00 GMT"


@pytest.mark.parametrize(
    ("none_match", "modified_since", "unchanged"),
    [
        (None, None, False),
        ('"abc"', None, True),
        ('W/"abc"', None, True),
        ('"x", "abc" , W/"y"', None, True),
        ('"x",W/"abc"', None, True),
        ("*", None, True),
        (" * ", None, True),
        ('"x"', None, False),
        ("abc", None, False),
        ('"abcd"', None, False),
        ('"ab", "c"', None, False),
        ("", None, False),
        ('"x"', SINCE, False),  # the tag decides alone
        ("", SINCE, False),
        ('"abc"', "Sat, 12 Sep 2010 01:00:00 GMT", True),
        (None, SINCE, True),
        (None, "Sat, 12 Sep 2015 00:59:59 GMT", False),
        (None, "Tue, 15 Sep 2015 01:00:00 GMT", True),
        (None, "Wed, 16 Sep 2015 01:00:00 GMT", False),  # the future: a client would be frozen for ever
        (None, "Sat, 12 Sep 2099 01:00:00 GMT", False),
        (None, "Saturday, 12-Sep-15 01:00:00 GMT", True),
        (None, "Sat Sep 12 01:00:00 2015", True),
        (None, "2015-09-12", False),
        (None, "yesterday", False),
        (None, "", False),
    ],
)
def test_304_only_for_those_who_have_the_bytes(
    none_match: str | None, modified_since: str | None, unchanged: bool
) -> None:
    lines = [] if none_match is None else [none_match]

    assert is_unchanged(lines, modified_since, etag=ETAG, last_modified=MODIFIED, now=NOW) is unchanged


def test_several_lines_of_tags_are_one_list() -> None:
    facts: Any = {"etag": ETAG, "last_modified": MODIFIED, "now": NOW}

    assert is_unchanged(['"x"', 'W/"y", "abc"'], None, **facts)
    assert not is_unchanged(['"x"', '"y"'], SINCE, **facts)


def test_dates_are_written_in_gmt() -> None:
    moment = datetime(2015, 9, 12, 9, 0, tzinfo=timezone(timedelta(hours=8)))

    assert http_date(moment) == SINCE
