"""Take the pictures of docs/pictures from the demonstration, as a person sees it.

usage: .venv/bin/python scripts/pictures.py      needs chromium, chromedriver and a Chinese font (fonts-noto-cjk)
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "pictures"
PORT = 8765
DESK, PHONE = (1440, 900), (375, 812)

#: name → (role, path or the link text that leads there, sizes)
PICTURES: dict[str, tuple[str | None, str, dict[str, tuple[int, int]]]] = {
    "home": (None, "/", {"": DESK, "-phone": PHONE}),
    "calendar": ("contact", "/calendar", {"": DESK, "-phone": PHONE}),
    "session": ("contact", "倒班职工的睡眠与情绪", {"": DESK, "-phone": PHONE}),
    "my": ("contact", "/my", {"": DESK, "-phone": PHONE}),
    "progress": (None, "/progress", {"": DESK}),
    "desk": ("organiser", "/desk", {"": DESK, "-phone": PHONE}),
    "sessions": ("organiser", "/desk/sessions", {"": DESK}),
    "bookings": ("organiser", "/desk/bookings", {"": DESK}),
    "dispatch": ("organiser", "/desk/orders?state=to_assign", {"": DESK, "-phone": PHONE}),
    "menu": (None, "/menu", {"": DESK, "-phone": PHONE}),
    "list": ("organiser", "/sessions/{held}/list", {"-phone": PHONE}),
    "opinions": ("organiser", "/desk/sessions/{held}/opinions", {"": DESK}),
    "receipt": ("organiser", "/sessions/{held}/receipt", {"": DESK}),
    "closing": ("organiser", "/desk/closing", {"": DESK}),
    "costs": ("organiser", "/desk/sessions/{held}/costs", {"": DESK}),
    "coverage": ("organiser", "/desk/coverage", {"": DESK}),
    "scorecard": ("organiser", "/desk/scorecard", {"": DESK, "-phone": PHONE}),
    "figures": ("organiser", "/desk/figures", {"": DESK}),
    "year": ("organiser", "/desk/years", {"": DESK}),
    "to-tell": ("organiser", "/desk/to-tell", {"": DESK, "-phone": PHONE}),
    "share": (None, "/calendar/share", {"": DESK}),
    "subscribe": ("contact", "/account/calendar", {"-phone": PHONE}),
    "messages": ("contact", "/account/messages", {"-phone": PHONE}),
    "evaluation": ("evaluator", "/evaluation", {"": DESK}),
    "imports": ("organiser", "/desk/imports", {"": DESK, "-phone": PHONE}),
    "materials": ("organiser", "/desk/materials » tr:last-child a[href*='/materials/rounds/']", {"": DESK}),
    "tour": (
        "organiser",
        "/desk/tours » main a[href^='/desk/tours/0']",
        {"": DESK, "-phone": PHONE},
    ),
    "letter": ("organiser", "/desk/letters » main a[href^='/desk/letters/sessions/']", {"": DESK}),
    "request": ("organiser", "/desk/requests » main a[href^='/desk/requests/']", {"": DESK}),
}

#: What is typed on an empty home to come to the guide.
FIRST = {
    "name": "周望舒", "login_name": "zhou", "password": "a password of the pictures",
    "password_again": "a password of the pictures", "organisation": "常熟市总工会", "organisation_code": "CS",
    "district": "常熟",
}  # fmt: skip
FIRST_RUN: dict[str, tuple[str, dict[str, tuple[int, int]]]] = {
    "guide": ("/desk/guide", {"": DESK, "-phone": PHONE}),
    "examples": ("/desk/guide/examples", {"": DESK}),
}

#: name → page of the year's report.
REPORT_PAGES = {
    "cover": 1,
    "contents": 2,
    "overall": 3,
    "table": 4,
    "programme": 7,
    "reach": 11,
    "scorecard": 15,
    "list": 18,
}

#: A psychology lecture that took place: people checked in to it.
HELD = "/api/v1/sessions?state=held&programme=psychology&limit=1"


def shown(browser: Chrome, base: str, where: str, size: tuple[int, int]) -> None:
    """Open the page at a size. Text instead of a path: a link of the home page; ``path » css``: a link of that page."""

    def resize(height: int) -> None:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": height, "deviceScaleFactor": 1, "mobile": size[0] < 600},
        )

    if "{held}" in where:
        browser.get(base + HELD)
        found = json.loads(browser.find_element(By.TAG_NAME, "body").text)["items"]
        where = where.replace("{held}", found[0]["id"])
    resize(size[1])
    where, _arrow, link = where.partition(" » ")
    browser.get(base + (where if where.startswith("/") else "/"))
    if link:
        browser.get(str(browser.find_element(By.CSS_SELECTOR, link).get_attribute("href")))
    if not where.startswith("/"):
        browser.get(str(browser.find_element(By.PARTIAL_LINK_TEXT, where).get_attribute("href")))
    resize(min(2600, int(browser.execute_script("return document.documentElement.scrollHeight"))))


@contextlib.contextmanager
def served(folder: str) -> Iterator[tuple[str, dict[str, str], Path]]:
    """The address of a served home, the environment of its commands, and what it printed."""
    base = f"http://127.0.0.1:{PORT}"
    environment = {**os.environ, "OUTREACH_HOME": folder, "OUTREACH_BASE_URL": base}
    printed = Path(folder + ".log")
    with printed.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "outreach", "serve", "--port", str(PORT)], env=environment, stderr=out
        )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(base + "/readyz", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        yield base, environment, printed
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


@contextlib.contextmanager
def browsing() -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=zh-CN"):
        options.add_argument(flag)
    browser = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield browser
    finally:
        browser.quit()


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="outreach-pictures-") as folder:
        home = folder + "/demo"
        subprocess.run(
            [sys.executable, "-m", "outreach", "demo"], env={**os.environ, "OUTREACH_HOME": home}, check=True,
            stdout=sys.stderr,
        )  # fmt: skip
        with served(home) as (base, environment, _printed):
            take(base, json.loads((Path(home) / "demo.json").read_text(encoding="utf-8"))["logins"])
            take_report(environment, folder)
        with served(folder + "/empty") as (base, _environment, printed):
            take_first_run(base, printed.read_text(encoding="utf-8"))
    return 0


def take_report(environment: dict[str, str], folder: str) -> None:
    """The page for leaders whole, and some pages of the report."""
    year = [sys.executable, "-m", "outreach", "report", "2015", "--as-of", "2015-09-15"]
    subprocess.run([*year, "--form", "page", "-o", folder + "/page.pdf"], env=environment, check=True)
    where = str(OUT / "report-page")
    subprocess.run(["pdftoppm", "-r", "90", "-png", "-singlefile", folder + "/page.pdf", where], check=True)
    subprocess.run([*year, "-o", folder + "/year.pdf"], env=environment, check=True)
    for name, number in REPORT_PAGES.items():
        page = ["-f", str(number), "-l", str(number)]
        where = str(OUT / f"report-{name}")
        subprocess.run(["pdftoppm", "-r", "60", "-png", "-singlefile", *page, folder + "/year.pdf", where], check=True)


def take(base: str, logins: list[dict[str, str]]) -> None:
    """The pages of the demonstration, each in the eyes of its role."""
    with browsing() as browser:
        for name, (role, where, sizes) in PICTURES.items():
            browser.get(base + "/healthz")
            browser.delete_all_cookies()
            if role is not None:
                login = next(one for one in logins if one["role"] == role)
                browser.get(base + "/login")
                browser.find_element(By.NAME, "name").send_keys(login["name"])
                browser.find_element(By.NAME, "password").send_keys(login["password"])
                browser.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
            for ending, size in sizes.items():
                shown(browser, base, where, size)
                browser.save_screenshot(str(OUT / f"{name}{ending}.png"))


def take_first_run(base: str, printed: str) -> None:
    """From the printed address to the guide of an empty home."""
    with browsing() as browser:
        start = next(word for line in printed.splitlines() for word in line.split() if "/start?code=" in word)
        browser.get(start)
        for name, text in FIRST.items():
            browser.find_element(By.NAME, name).send_keys(text)
        browser.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
        for name, (where, sizes) in FIRST_RUN.items():
            for ending, size in sizes.items():
                shown(browser, base, where, size)
                browser.save_screenshot(str(OUT / f"{name}{ending}.png"))


if __name__ == "__main__":
    sys.exit(main())
