"""Two serving processes: what one of them changes, both tell within a second."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.clients.conftest import PASSWORD, Town
from tests.support.serving import command, home_of_its_own, serving

pytestmark = pytest.mark.postgres_server


@pytest.fixture(scope="module")
def two() -> Iterator[Town]:
    with home_of_its_own() as home:
        command(home, "init", "--admin", "keeper", "--password-stdin", given=f"{PASSWORD}\n")
        token = command(home, "token", "create", "keeper").strip()
        with serving(home, "--workers", "2") as server:
            server.wait_until_ready()
            with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
                yield Town(client, server)
            server.stop()


def _answers(url: str, number: int = 24) -> list[httpx.Response]:
    """Each by a connection of its own, so that both processes are asked."""
    return [httpx.get(url, timeout=20) for _ in range(number)]


def test_both_processes_tell_of_a_change_within_a_second_and_agree_on_tag_and_date(two: Town) -> None:
    session = two.publish("原题", address="礼堂")
    url = f"{two.url}/calendars/public.ics"
    time.sleep(1)
    before = _answers(url)

    two.do("PATCH", f"sessions/{session}", title="新题")
    time.sleep(1)
    after = _answers(url)

    for answers, title in ((before, "原题"), (after, "新题")):
        assert {title.encode() in one.content for one in answers} == {True}
        assert len({(one.headers["etag"], one.headers["last-modified"]) for one in answers}) == 1
    assert before[0].headers["etag"] != after[0].headers["etag"]
