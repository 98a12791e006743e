"""The secret address of a person's own feed in a running server: it stands in no log and in no metric."""

import re

import httpx
import pytest

from tests.clients.conftest import PASSWORD, Town

pytestmark = pytest.mark.postgres_server

TOKEN = re.compile(r"/calendars/private/([\w-]{43})\.ics")


def _submitted(browser: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return browser.post(action, data={"_csrf_token": found[1], **fields})


def test_the_token_stands_in_no_log_and_no_metric_of_a_running_server(town: Town) -> None:
    with httpx.Client(base_url=town.url, headers={"Accept": "text/html"}, timeout=20) as browser:
        _submitted(browser, "/login", "/login", name="keeper", password=PASSWORD)
        found = TOKEN.search(_submitted(browser, "/account/calendar", "/account/calendar").text)
        assert found is not None
        path = found[0]
        calendar = {"Accept": "*/*", "User-Agent": "iOS/18.0 dataaccessd/1.0"}
        read = httpx.get(town.url + path, headers=calendar)
        head = httpx.head(town.url + path, headers=calendar)
        strange = [httpx.get(f"{town.url}{path}/x"), httpx.post(town.url + path), browser.get(path)]
        _submitted(browser, "/account/calendar", "/account/calendar/revoke")
        gone = httpx.get(town.url + path, headers={"If-None-Match": read.headers["etag"]})
    metrics = httpx.get(f"{town.url}/metrics").text
    log = town.log.read_text(encoding="utf-8")

    assert (read.status_code, head.status_code, gone.status_code) == (200, 200, 404)
    assert [one.status_code for one in strange] == [404, 405, 200]
    assert "/calendars/private/{name" in metrics
    assert "/calendars/private/{name" in log
    assert found[1] not in metrics
    assert found[1] not in log
