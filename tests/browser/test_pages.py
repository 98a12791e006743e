"""What a person sees: every main page at both sizes, nothing too wide, nothing broken, readable by everybody."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import DESK, PHONE, Demo, log_in, resize

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

PAGES = {
    None: ["/", "/calendar", "/calendar?view=list", "/menu", "/progress", "/login", "/subscribe", "/how-counted",
           "/certificates", "/certificates/ABCD-1-EFGH",
           "/styleguide", "/api/v1/docs", "/problems/session-full", "/no-such-page",
           "/calendar/share", "/embed/sessions", "/become-contact"],
    "contact": ["/", "/calendar", "/my", "/my?past=true", "/account", "/account/calendar", "/account/messages",
                "/account/leave", "/materials"],
    "provider": ["/duties", "/duties/opinions"],
    "organiser": ["/desk", "/desk/sessions", "/desk/sessions/new", "/desk/sessions/past", "/desk/unrecorded",
                  "/desk/bookings", "/desk/bookings?show=waitlisted", "/desk/orders", "/desk/orders?state=to_answer",
                  "/desk/orders/list", "/desk/openings", "/desk/travel", "/desk/tallies", "/desk/reports",
                  "/desk/manage", "/desk/programmes",
                  "/desk/events", "/desk/providers", "/desk/venues", "/desk/organisations", "/desk/people",
                  "/desk/journal", "/desk/holidays", "/account",
                  "/desk/closing", "/desk/coverage", "/desk/scorecard", "/desk/scorecard/print", "/desk/opinions",
                  "/desk/figures", "/desk/figures/sessions", "/desk/statistics", "/desk/years", "/desk/years/2015/copy",
                  "/desk/reports/2015/text", "/desk/reports/fixed", "/desk/reports/jobs", "/desk/reports/jobs/new",
                  "/desk/to-tell", "/desk/messages", "/desk/wordings", "/desk/wordings/session-moved", "/desk/hooks",
                  "/desk/hooks/new", "/desk/guide", "/desk/guide/examples", "/desk/programmes/from-notice",
                  "/desk/imports", "/desk/imports/sessions", "/desk/requests", "/desk/handovers", "/desk/merges",
                  "/desk/letters", "/desk/letters/menu", "/desk/letters/templates/menu", "/desk/materials",
                  "/desk/tours", "/desk/tours/new"],
    "evaluator": ["/evaluation", "/evaluation/sessions"],
}  # fmt: skip

#: Pages whose address only a link tells: (page, link on it). Each is opened from the page before.
LINKED = {
    "contact": [("/menu", ".cards .key a"), ("/menu", ".cards .go a[href^='/orders/new']"),
                ("/my", ".order-h a[href^='/orders/']"), ("/my", ".cards .key a[href^='/bookings/']")],
    "organiser": [("/desk/openings", ".cards .key a"), ("/desk/bookings?show=waitlisted", ".cards .go a"),
                  ("/desk/bookings?show=waitlisted", ".cards a[href^='/desk/sessions/']"),
                  ("/desk/materials", "main a[href^='/desk/materials/rounds/']"),
                  ("/desk/materials", "main a[href^='/desk/materials/items/']"),
                  ("/desk/tours", "main a[href^='/desk/tours/']:not([href$='/new'])"),
                  ("/desk/requests", "main a[href^='/desk/requests/']"),
                  ("/desk/letters", "main a[href^='/desk/letters/openings/']"),
                  ("/desk/letters", "main a[href^='/desk/letters/sessions/']"),
                  ("/desk/imports", "main a[href^='/desk/imports/']")],
}  # fmt: skip


#: Pages of one session or programme: a page whose address only a link tells, the link on it, and what stands below it.
BELOW = {
    # One that took place and waits to be closed: there were people, opinions, costs.
    ("/desk/closing", "tr:nth-child(7) .key a"): [
        "/desk/sessions/{id}", "/sessions/{id}/list", "/sessions/{id}/evidence", "/desk/sessions/{id}/correct",
        "/desk/sessions/{id}/costs", "/desk/sessions/{id}/fee-sheet", "/desk/sessions/{id}/opinions",
        "/desk/sessions/{id}/certificates", "/sessions/{id}/receipt", "/sessions/{id}/poster",
        "/sessions/{id}/sign-in-sheet", "/sessions/{id}/share",
    ],
    ("/desk/scorecard", "tr:nth-child(5) .key a"): [
        "/desk/scorecard/{id}", "/desk/programmes/{id}/costs", "/desk/programmes/{id}/fee-sheet",
        "/desk/programmes/{id}/papers",
    ],
}  # fmt: skip


def _violations(browser: Chrome) -> list[str]:
    browser.execute_script(AXE)
    found: list[dict[str, Any]] = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations));"
    )
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
    ]


def _faults(browser: Chrome, path: str, size: tuple[int, int]) -> list[str]:
    """What is wrong with the page shown now."""
    faults = []
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    if wide > size[0]:
        faults.append(f"{path} at {size[0]}: {wide} px wide")
    faults += [f"{path} at {size[0]}: {one}" for one in _violations(browser)]
    faults += [
        f"{path}: {entry['message']}"
        for entry in browser.get_log("browser")  # type: ignore[no-untyped-call]
        if entry["level"] == "SEVERE" and " 404 " not in entry["message"]
    ]
    if "程序出错了" in browser.find_element(By.TAG_NAME, "body").text:
        faults.append(f"{path}: error page")
    return faults


@pytest.mark.parametrize("role", list(PAGES))
def test_main_pages_are_whole_at_both_sizes(fresh: Chrome, demo: Demo, role: str | None) -> None:
    """No horizontal scroll, no serious axe finding, no script error on any main page of this role."""
    if role is not None:
        log_in(fresh, demo, role)
    faults: list[str] = []

    for size in (DESK, PHONE):
        resize(fresh, size)
        for path in PAGES[role]:
            fresh.get(demo.url + path)
            faults += _faults(fresh, path, size)

    assert faults == []


@pytest.mark.parametrize("role", list(LINKED))
def test_pages_behind_links_are_whole_at_both_sizes(fresh: Chrome, demo: Demo, role: str) -> None:
    """The same of a menu item, an order and its form, a booking, an opening, a waiting list."""
    log_in(fresh, demo, role)
    faults: list[str] = []

    for page, link in LINKED[role]:
        fresh.get(demo.url + page)
        target = str(fresh.find_element(By.CSS_SELECTOR, link).get_attribute("href"))
        for size in (DESK, PHONE):
            resize(fresh, size)
            fresh.get(target)
            faults += _faults(fresh, target, size)

    assert faults == []


@pytest.mark.parametrize("start", list(BELOW), ids=lambda start: start[0])
def test_pages_of_one_session_or_programme_are_whole_at_both_sizes(
    fresh: Chrome, demo: Demo, start: tuple[str, str]
) -> None:
    """What is written down after a session, and the papers and scores of a programme."""
    log_in(fresh, demo, "organiser")
    page, link = start
    fresh.get(demo.url + page)
    target = urlsplit(str(fresh.find_element(By.CSS_SELECTOR, link).get_attribute("href"))).path
    paths = [one.format(id=target.rpartition("/")[2]) for one in BELOW[start]]
    faults: list[str] = []

    for size in (DESK, PHONE):
        resize(fresh, size)
        for path in paths:
            fresh.get(demo.url + path)
            faults += _faults(fresh, path, size)

    assert faults == []


def test_pages_of_a_host_are_whole_at_both_sizes(fresh: Chrome, demo: Demo) -> None:
    """A session that the contact's unit held: its pictures, what people said, its receipt, its certificates."""
    log_in(fresh, demo, "contact")
    fresh.get(demo.url + "/my")
    fresh.get(str(fresh.find_element(By.CSS_SELECTOR, "a[href$='#review']").get_attribute("href")))
    link = fresh.find_element(By.CSS_SELECTOR, "main a[href^='/sessions/']").get_attribute("href")
    session = "/".join(urlsplit(str(link)).path.split("/")[:3])
    faults: list[str] = []

    for size in (DESK, PHONE):
        resize(fresh, size)
        for below in ("", "/evidence", "/opinions", "/receipt", "/certificates"):
            fresh.get(demo.url + session + below)
            faults += _faults(fresh, session + below, size)
        fresh.get(demo.url + session + "/evidence")
        drawn = "return [...document.querySelectorAll('main img')].map(i => i.complete && i.naturalWidth)"
        faults += [f"a picture of {session} is not there" for wide in fresh.execute_script(drawn) if not wide]

    assert faults == []


def test_a_provider_answers_on_a_phone_without_a_login(fresh: Chrome, demo: Demo) -> None:
    """The link that the board gives to copy: whole at both sizes, one tap accepts, the page then says thanks."""
    log_in(fresh, demo, "organiser")
    fresh.get(demo.url + "/desk/orders?state=to_answer")
    text = str(fresh.find_element(By.CSS_SELECTOR, "#order .copy").get_attribute("textContent"))
    link = next(line for line in text.splitlines() if "/answer/" in line)
    fresh.delete_all_cookies()
    faults: list[str] = []
    for size in (DESK, PHONE):
        resize(fresh, size)
        fresh.get(link)
        faults += _faults(fresh, "/answer", size)

    fresh.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
    # A loaded machine is asked before it has answered.
    WebDriverWait(fresh, 20, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException]).until(
        lambda shown: "您已接单" in shown.find_element(By.TAG_NAME, "main").text
    )

    assert faults == []


def test_a_contact_books_in_three_taps_on_a_phone(fresh: Chrome, demo: Demo) -> None:
    """From the link in a group chat, logged in: open, tap to the form, submit; the answer is on the next page."""
    log_in(fresh, demo, "contact")
    resize(fresh, PHONE)
    fresh.get(demo.url + "/")
    slot = next(
        one
        for one in fresh.find_elements(By.CSS_SELECTOR, ".slot")
        if "倒班职工的睡眠与情绪" in one.text and one.find_elements(By.CSS_SELECTOR, ".go a.btn")
    )
    fresh.get(str(slot.find_element(By.CSS_SELECTOR, ".go a.btn").get_attribute("href")))
    seats = fresh.find_element(By.NAME, "seats")
    seats.clear()
    seats.send_keys("2")
    for name, text in (("contact_name", "陈巧云"), ("contact_phone", "13800000000")):
        field = fresh.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)
    for box in fresh.find_elements(By.CSS_SELECTOR, "form .check input[type=checkbox]"):
        if box.get_attribute("name") == "agree" and not box.is_selected():
            box.click()
    fresh.find_element(By.CSS_SELECTOR, "form .btn.main").click()

    text = fresh.find_element(By.TAG_NAME, "main").text
    assert "已确认" in text or "待审核" in text
