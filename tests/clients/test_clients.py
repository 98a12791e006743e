"""What real calendar programs make of our feeds: title, place, times and state of every session, and of its changes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clients.conftest import START, Town
from tests.clients.readers import READERS, Entry, Vdir

pytestmark = pytest.mark.postgres_server

HOUR = timedelta(hours=1)
AN_HOUR_AND_A_HALF = timedelta(minutes=90)

AWKWARD = [
    "倒班职工的睡眠与情绪",
    "李玥、堃、祎老师谈心😴",
    'a, b; c\\d "e": f',
    "长" * 150,
    "=1+1 <b>&amp;</b>",
]


@pytest.fixture(scope="module")
def awkward(town: Town) -> tuple[str, list[Entry]]:
    """A place where sessions have every kind of title, one of them cancelled: its feed, and what is to be read."""
    expected = []
    venue = town.place("职工文化中心, “东”馆")
    for number, title in enumerate(AWKWARD):
        session = town.publish(title, days=number, venue_id=venue, address="三香路6号; 2楼")
        is_cancelled = number == 1
        if is_cancelled:
            town.do("POST", f"sessions/{session}/cancel", by="weather", reason="台风")
        starts_at = START + timedelta(days=number)
        expected.append(
            Entry(
                f"【已取消】{title}" if is_cancelled else title,
                "职工文化中心, “东”馆, 三香路6号; 2楼",
                starts_at,
                starts_at + AN_HOUR_AND_A_HALF,
                "CANCELLED" if is_cancelled else "CONFIRMED",
                f"session-{session}@127.0.0.1",
            )
        )
    return f"{town.url}/calendars/venues/{venue}.ics", expected


def seen_by(reader: str, found: list[Entry], expected: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Both without what the client does not tell; vdirsyncer gives items names of its own."""
    if reader == "calcurse":
        expected = [replace(one, state="", uid="") for one in expected]
    elif reader == "vdirsyncer and khal":
        found, expected = ([replace(one, uid="") for one in rows] for rows in (found, expected))
    return sorted(found, key=lambda one: one.start), expected


@pytest.mark.parametrize("reader", READERS)
def test_a_client_reads_title_place_times_and_state(
    awkward: tuple[str, list[Entry]], reader: str, tmp_path: Path
) -> None:
    url, expected = awkward

    found, expected = seen_by(reader, READERS[reader](url, tmp_path), expected)

    assert found == expected


@pytest.mark.parametrize("reader", READERS)
def test_published_moved_renamed_cancelled_is_one_entry_each_time(town: Town, reader: str, tmp_path: Path) -> None:
    venue = town.place(f"场地{reader}")
    url = f"{town.url}/calendars/venues/{venue}.ics"
    starts_at = START + timedelta(days=40)
    was = Entry("形象礼仪", f"场地{reader}, 人民路1号", starts_at, starts_at + AN_HOUR_AND_A_HALF, "CONFIRMED")

    session = town.publish("形象礼仪", days=40, venue_id=venue)
    seen = [READERS[reader](url, tmp_path)]
    expected = [replace(was, uid=f"session-{session}@127.0.0.1")]
    for change in (
        {"starts_at": (starts_at + HOUR).isoformat(), "ends_at": (starts_at + 3 * HOUR).isoformat()},
        {"title": "形象与礼仪"},
    ):
        town.do("PATCH", f"sessions/{session}", **change)
        seen.append(READERS[reader](url, tmp_path))
    town.do("POST", f"sessions/{session}/cancel", by="organiser", reason="讲师生病")
    seen.append(READERS[reader](url, tmp_path))

    moved = replace(expected[0], start=starts_at + HOUR, end=starts_at + 3 * HOUR)
    expected.append(replace(moved, title="【改期】形象礼仪"))
    expected.append(replace(expected[1], title="【改期】形象与礼仪"))
    expected.append(replace(expected[1], title="【已取消】形象与礼仪", state="CANCELLED"))
    for entries, one in zip(seen, expected, strict=True):
        found, wanted = seen_by(reader, entries, [one])
        assert found == wanted


def test_a_second_sync_of_vdirsyncer_changes_nothing(awkward: tuple[str, list[Entry]], tmp_path: Path) -> None:
    url, expected = awkward
    kept = Vdir(url, tmp_path)

    first = kept.sync()
    second = kept.sync()

    assert len(first) == len(expected)
    assert second == first


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_feed_is_read_as_one_without_events(town: Town, reader: str, tmp_path: Path) -> None:
    venue = town.place(f"没有场次{reader}")

    assert READERS[reader](f"{town.url}/calendars/venues/{venue}.ics", tmp_path) == []
