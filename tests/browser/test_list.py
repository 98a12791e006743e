"""点名 on a phone in Chromium: without a network, with it again, twice, and against another keeper."""

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.conftest import DESK, PHONE, Demo, log_in, resize
from tests.browser.cut_off import CutOff
from tests.browser.test_pages import _faults

pytestmark = pytest.mark.browser

#: The day on which a demonstration begins.
DAY = "2015-09-15"


class Keeper:
    """Somebody else who keeps the same list, at another machine."""

    def __init__(self, demo: Demo, role: str) -> None:
        self.client = httpx.Client(base_url=demo.url, follow_redirects=True, headers={"accept": "text/html"})
        name, password = demo.logins[role]
        self._form("/login", {"name": name, "password": password})

    def _form(self, path: str, values: dict[str, str]) -> None:
        token = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', self.client.get(path).text)
        assert token is not None
        assert self.client.post(path, data={**values, "_csrf_token": token[1]}).status_code == 200
        again = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', self.client.get("/account").text)
        assert again is not None
        self.client.headers["x-csrf-token"] = again[1]

    def session(self) -> str:
        """A session of the day."""
        wanted = {"from": f"{DAY}T00:00:00+08:00", "to": f"{DAY}T23:59:00+08:00"}
        found = self.client.get("/api/v1/sessions", params=wanted).json()["items"]
        return str(next(one["id"] for one in found if one["state"] == "published" and one["starts_at"][:10] == DAY))

    def expect(self, session: str, *names: str) -> list[str]:
        """Put people on the list."""
        made = [
            self.client.post(f"/api/v1/sessions/{session}/attendees", json={"name": name, "expected": True, "on": DAY})
            for name in names
        ]
        assert all(one.status_code in (200, 201) for one in made), made[0].text
        return [one.json()["id"] for one in made]

    def people(self, session: str) -> dict[str, dict[str, Any]]:
        """Everybody of the day by name."""
        answer = self.client.get(f"/api/v1/sessions/{session}/attendees", params={"on": DAY, "limit": 200}).json()
        assert answer["total"] == len(answer["items"])
        found = {one["name"]: one for one in answer["items"]}
        assert len(found) == len(answer["items"])  # nobody twice
        return found

    def tick(self, session: str, id_: str, *, present: bool) -> None:
        """Tap on somebody."""
        ticks = [{"key": str(uuid4()), "attendee_id": id_, "present": present}]
        answer = self.client.post(f"/api/v1/sessions/{session}/ticks", json={"on": DAY, "ticks": ticks}).json()
        assert answer["ticks"][0]["outcome"] == "done"


@pytest.fixture
def keeper(demo: Demo) -> Iterator[Keeper]:
    made = Keeper(demo, "administrator")
    yield made
    made.client.close()


@pytest.fixture
def phone(fresh: Chrome, demo: Demo) -> Iterator[Chrome]:
    """Logged in, at a phone's size; whatever a test left on it goes."""
    log_in(fresh, demo, "organiser")
    resize(fresh, PHONE)
    yield fresh
    fresh.execute_cdp_cmd(
        "Storage.clearDataForOrigin", {"origin": demo.url, "storageTypes": "indexeddb,cache_storage,service_workers"}
    )


def until(true: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """Wait for something to be so."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(
            NoSuchElementException, StaleElementReferenceException, ElementClickInterceptedException
        ):
            if found := true():
                return found
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def open_list(phone: Chrome, demo: Demo, session: str) -> None:
    """Open it and wait until the phone keeps it."""
    phone.get(f"{demo.url}/sessions/{session}/list")
    until(lambda: phone.find_element(By.ID, "ticking").get_attribute("data-kept"), "the page is not kept")


def row(phone: Chrome, name: str) -> WebElement:
    return phone.find_element(By.XPATH, f"//ul[@id='people']/li[.//span[@class='name' and starts-with(., '{name}')]]")


def says(phone: Chrome, name: str) -> str:
    """What stands in somebody's row."""
    return str(until(lambda: row(phone, name).text, f"{name} is not on the list"))


def line(phone: Chrome) -> str:
    return str(phone.find_element(By.ID, "line").text)


def press(phone: Chrome, find: Callable[[], WebElement]) -> None:
    """Tap on it, once it lies still in the middle of the screen."""

    def pressed() -> bool:
        there = find()
        phone.execute_script("arguments[0].scrollIntoView({block: 'center'})", there)
        there.click()
        return True

    until(pressed, "nothing to press")


def tap(phone: Chrome, name: str) -> None:
    press(phone, lambda: row(phone, name).find_element(By.CSS_SELECTOR, "button.tick"))
    until(lambda: "已到" in row(phone, name).text, f"{name} is not ticked")


def take_back(phone: Chrome, name: str) -> None:
    press(phone, lambda: row(phone, name).find_element(By.CSS_SELECTOR, ".undo"))
    if row(phone, name).find_elements(By.CSS_SELECTOR, "form"):
        press(phone, lambda: row(phone, name).find_element(By.CSS_SELECTOR, "form .btn.cut"))


def add(phone: Chrome, name: str, unit: str) -> None:
    press(phone, lambda: phone.find_element(By.ID, "to-add"))
    for field, text in (("name", name), ("unit", unit)):
        phone.find_element(By.CSS_SELECTOR, f"#add [name={field}]").send_keys(text)
    press(phone, lambda: phone.find_element(By.CSS_SELECTOR, "#add .btn.main"))
    until(lambda: row(phone, name), f"{name} is not added")


def queue(phone: Chrome) -> list[dict[str, Any]]:
    """What waits on the phone."""
    found: list[dict[str, Any]] = phone.execute_async_script(
        "const done = arguments[0]; window.outreachTaps.all().then(done);"
    )
    return found


def test_without_a_network_nothing_is_lost_and_nothing_counts_twice(phone: Chrome, demo: Demo, keeper: Keeper) -> None:
    """Cut, tick two, add one, take one back, reload; connected again all of it arrives, and sent again nothing more."""
    session = keeper.session()
    keeper.expect(session, "断网甲", "断网乙", "断网丙", "断网丁")
    open_list(phone, demo, session)
    tap(phone, "断网丁")
    until(lambda: "都已送到" in line(phone), "the tick did not arrive")

    with CutOff(phone):
        for name in ("断网甲", "断网乙", "断网丙"):
            tap(phone, name)
        add(phone, "断网新来", "外单位")
        take_back(phone, "断网丙")
        take_back(phone, "断网丁")
        until(lambda: re.match("没有网络，[4-6]条等着发送", line(phone)), line(phone))
        assert [name for name, one in keeper.people(session).items() if one["present"] and "断网" in name] == ["断网丁"]

        phone.get(f"{demo.url}/sessions/{session}/list")
        until(lambda: re.match("没有网络，[4-6]条等着发送", line(phone)), line(phone))
        for name in ("断网甲", "断网乙", "断网新来"):
            assert "等着发送" in says(phone, name)
        assert "点到" in says(phone, "断网丙")
        assert "点到" in says(phone, "断网丁")
        assert phone.find_elements(By.CSS_SELECTOR, "link[rel=stylesheet]")
        assert phone.execute_script("return getComputedStyle(document.querySelector('.btn')).cursor") == "pointer"
        waiting = queue(phone)

    until(lambda: "都已送到" in line(phone), f"not sent: {line(phone)}", seconds=40)
    people = keeper.people(session)
    there = {name for name, one in people.items() if one["present"] and "断网" in name}
    assert there == {"断网甲", "断网乙", "断网新来"}
    assert {people[name]["came_by"] for name in there} == {"list"}
    assert queue(phone) == []
    until(lambda: row(phone, "断网新来").get_attribute("id"), "the list was not read again")

    _send_again(phone, waiting)
    assert keeper.people(session) == people


def _send_again(phone: Chrome, waiting: list[dict[str, Any]]) -> None:
    """As if no answer had come: the same queue, from the phone's own store, at the next load."""
    phone.execute_async_script(
        """const [waiting, done] = arguments;
           Promise.all(waiting.map(one => window.outreachTaps.put(one))).then(() => done());""",
        waiting,
    )
    assert len(queue(phone)) == len(waiting)
    phone.refresh()
    until(lambda: queue(phone) == [], f"not sent again: {line(phone)}")


def test_what_another_keeper_took_back_is_shown_to_decide(phone: Chrome, demo: Demo, keeper: Keeper) -> None:
    """Ticked by the other and taken back while this phone was away: its own tick waits until somebody looks."""
    session = keeper.session()
    first, second = keeper.expect(session, "两人甲", "两人乙")
    open_list(phone, demo, session)

    with CutOff(phone):
        tap(phone, "两人甲")
        tap(phone, "两人乙")
        for id_ in (first, second):
            keeper.tick(session, id_, present=True)
            keeper.tick(session, id_, present=False)

    until(lambda: len(phone.find_elements(By.CSS_SELECTOR, "#issues li")) == 2, f"no conflict: {line(phone)}", 40)
    assert "别人刚撤回了" in phone.find_element(By.ID, "issues").text
    assert not any(keeper.people(session)[name]["present"] for name in ("两人甲", "两人乙"))
    phone.refresh()
    until(lambda: len(phone.find_elements(By.CSS_SELECTOR, "#issues li")) == 2, "the conflicts are gone")
    for name, words in (("两人甲", "再记一次"), ("两人乙", "放弃")):
        xpath = f"//section[@id='issues']//li[contains(., '{name}')]//button[.='{words}']"
        press(phone, partial(phone.find_element, By.XPATH, xpath))
        until(partial(_settled, phone, name), name)
    until(lambda: queue(phone) == [], "something still waits")

    people = keeper.people(session)
    assert (people["两人甲"]["present"], people["两人乙"]["present"]) == (True, False)


def _settled(phone: Chrome, name: str) -> bool:
    return name not in phone.find_element(By.ID, "issues").text


def test_an_old_page_gets_a_new_token_and_a_lost_login_keeps_the_queue(
    phone: Chrome, demo: Demo, keeper: Keeper
) -> None:
    """The kept page is of an earlier login: its taps still arrive. Logged out: they wait, and the names go."""
    session = keeper.session()
    keeper.expect(session, "登录甲", "登录乙")
    open_list(phone, demo, session)

    login = phone.get_cookie("outreach_login")
    assert login is not None
    phone.delete_cookie("outreach_login")
    tap(phone, "登录甲")
    until(lambda: "请重新登录，1条还在手机里" in line(phone), line(phone))
    until(lambda: _kept_names(phone) == [], "the names are still on the phone")

    other = phone.current_window_handle
    phone.switch_to.new_window("tab")
    log_in(phone, demo, "organiser")
    phone.close()
    phone.switch_to.window(other)
    phone.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: "都已送到" in line(phone), line(phone), 40)
    assert keeper.people(session)["登录甲"]["present"]

    phone.find_element(By.CSS_SELECTOR, "form[action='/logout'] button").click()
    until(lambda: "/list" not in phone.current_url, "not logged out")
    phone.get(f"{demo.url}/sessions/{session}/list")
    assert "/login" in phone.current_url
    assert _kept_names(phone) == []


def _kept_names(phone: Chrome) -> list[str]:
    """Kept pages (not their parts), by address."""
    found: list[str] = phone.execute_async_script(
        """const done = arguments[0];
           caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(cache => cache.keys()))))
             .then(all => all.flat().map(one => new URL(one.url).pathname)).then(all => done(
               all.filter(one => one.endsWith("/list"))));"""
    )
    return found


def test_who_is_looked_for_and_the_page_is_whole(phone: Chrome, demo: Demo, keeper: Keeper) -> None:
    """A long name, two days' worth of people; by name, by tail, nobody; targets of 44 px; nothing too wide."""
    session = keeper.session()
    keeper.expect(session, "长" * 60, *(f"找人{n:02d}" for n in range(30)))
    open_list(phone, demo, session)
    faults = _faults(phone, "list", PHONE)
    small = phone.execute_script(
        """return Array.from(document.querySelectorAll("#ticking :is(button, .btn, .undo, input:not([type=hidden]))"))
             .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""
    )
    search = phone.find_element(By.ID, "q")
    search.send_keys("找人0 7")
    shown = [one.text for one in phone.find_elements(By.CSS_SELECTOR, "#people li") if one.is_displayed()]
    search.clear()
    search.send_keys("没有这个人")
    none = phone.find_element(By.ID, "none")
    assert "名单上没有“没有这个人”" in none.text
    none.find_element(By.TAG_NAME, "button").click()
    name = phone.find_element(By.CSS_SELECTOR, "#add [name=name]").get_attribute("value")
    resize(phone, DESK)
    phone.refresh()
    faults += _faults(phone, "list", DESK)

    assert (faults, small) == ([], [])
    assert [one.split("\n")[0] for one in shown] == ["找人07"]
    assert name == "没有这个人"


def test_without_the_script_every_button_is_a_form(phone: Chrome, demo: Demo, keeper: Keeper) -> None:
    session = keeper.session()
    keeper.expect(session, "无脚本甲")
    phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        phone.get(f"{demo.url}/sessions/{session}/list")
        row(phone, "无脚本甲").find_element(By.CSS_SELECTOR, "button.tick").click()
        until(lambda: "已到" in row(phone, "无脚本甲").text, "not ticked")
        row(phone, "无脚本甲").find_element(By.CSS_SELECTOR, "a.undo").click()
        phone.find_element(By.CSS_SELECTOR, "#undo .btn.cut").click()
        until(lambda: "点到" in row(phone, "无脚本甲").text, "not taken back")
        phone.find_element(By.ID, "to-add").click()
        phone.find_element(By.CSS_SELECTOR, "#add summary").click()
        phone.find_element(By.CSS_SELECTOR, "#add [name=name]").send_keys("无脚本乙")
        phone.find_element(By.CSS_SELECTOR, "#add .btn.main").click()
        until(lambda: "已到" in row(phone, "无脚本乙").text, "not added")
    finally:
        phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    people = keeper.people(session)
    assert (people["无脚本乙"]["present"], people["无脚本甲"]["present"]) == (True, False)


def test_a_tap_is_on_the_phone_before_it_is_shown(phone: Chrome, demo: Demo, keeper: Keeper) -> None:
    """The tab dies in the same moment: the tap is there when the page comes back, and carries no more than it must."""
    session = keeper.session()
    keeper.expect(session, "闪退甲")
    open_list(phone, demo, session)
    with CutOff(phone):
        tap(phone, "闪退甲")
        (waiting,) = queue(phone)
        phone.get("about:blank")
    phone.get(f"{demo.url}/sessions/{session}/list")
    until(lambda: "都已送到" in line(phone), line(phone), 40)

    assert keeper.people(session)["闪退甲"]["present"]
    assert "phone" not in json.dumps({name: value for name, value in waiting.items() if value})
