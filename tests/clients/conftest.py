"""One served application for all calendar programs: a real process, asked over HTTP, changed through its interface."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from outreach.shared.time import ZONE
from tests.support.serving import Serving, command, home_of_its_own, serving

__all__ = ["PASSWORD", "START", "Town"]

PASSWORD = "a long first password"

#: Two in the afternoon, three weeks from now: the year in which it falls is the programme's.
START = (datetime.now(ZONE) + timedelta(days=21)).replace(hour=14, minute=0, second=0, microsecond=0)


class Town:
    """An installation with one programme; ``url`` is where it is served, ``log`` what its server writes."""

    def __init__(self, client: httpx.Client, server: Serving) -> None:
        self.client, self.url, self.log = client, server.url, server.log
        self.root = self.make("organisations", code="SZ", name="苏州市总工会", kind="federation")
        self.programme = self.make(
            "programmes", year=START.year, code="p", name="职工心理健康", organisation_id=self.root, scheduled=True
        )
        self.event = self.make(
            "events", programme_id=self.programme, title="讲座", kind="讲座", topic="睡眠", duration_minutes=90
        )

    def make(self, what: str, **given: Any) -> str:
        """POST something; its id."""
        answer = self.client.post(f"/api/v1/{what}", json=given)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def do(self, method: str, path: str, **given: Any) -> None:
        """Change something."""
        answer = self.client.request(method, f"/api/v1/{path}", json=given or None)
        assert answer.status_code in (200, 201), answer.text

    def place(self, name: str) -> str:
        """A venue of its own, so that its feed has one session only."""
        return self.make(
            "venues", organisation_id=self.root, name=name, address="人民路1号", district="姑苏区", rooms=3
        )

    def publish(self, title: str, *, days: int = 0, **given: Any) -> str:
        """A published session ``days`` after START."""
        starts_at = (START + timedelta(days=days)).isoformat()
        made = self.make(
            "sessions", event_id=self.event, title=title, starts_at=starts_at, visibility="public", **given
        )
        self.do("POST", f"sessions/{made}/publish")
        return made


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    with home_of_its_own() as home:
        command(home, "init", "--admin", "keeper", "--password-stdin", given=f"{PASSWORD}\n")
        token = command(home, "token", "create", "keeper").strip()
        with serving(home) as server:
            server.wait_until_ready()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=20) as client:
                yield Town(client, server)
            server.stop()
