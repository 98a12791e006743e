"""Take the pictures of docs/pictures from the demonstration, as a person sees it.

usage: .venv/bin/python scripts/pictures.py      needs chromium, chromedriver and a Chinese font (fonts-noto-cjk)
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = Path(__file__).parents[1]
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
    """Open the page at a size; a text instead of a path is a link on the home page."""

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
    browser.get(base + (where if where.startswith("/") else "/"))
    if not where.startswith("/"):
        browser.get(str(browser.find_element(By.PARTIAL_LINK_TEXT, where).get_attribute("href")))
    resize(min(2600, int(browser.execute_script("return document.documentElement.scrollHeight"))))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="outreach-pictures-") as folder:
        base = f"http://127.0.0.1:{PORT}"
        environment = {**os.environ, "OUTREACH_HOME": folder, "OUTREACH_BASE_URL": base}
        subprocess.run([sys.executable, "-m", "outreach", "demo"], env=environment, check=True, stdout=sys.stderr)
        server = subprocess.Popen([sys.executable, "-m", "outreach", "serve", "--port", str(PORT)], env=environment)
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(base + "/readyz", timeout=2)
                    break
                except OSError:
                    time.sleep(0.1)
            take(base, json.loads((Path(folder) / "demo.json").read_text(encoding="utf-8"))["logins"])
            subprocess.run(
                [sys.executable, "-m", "outreach", "report", "2015", "--as-of", "2015-09-15", "--form", "page",
                 "-o", folder + "/page.pdf"], env=environment, check=True,
            )  # fmt: skip
            where = str(ROOT / "docs" / "pictures" / "report-page")
            subprocess.run(["pdftoppm", "-r", "90", "-png", "-singlefile", folder + "/page.pdf", where], check=True)
            subprocess.run(
                [sys.executable, "-m", "outreach", "report", "2015", "--as-of", "2015-09-15",
                 "-o", folder + "/year.pdf"], env=environment, check=True,
            )  # fmt: skip
            for name, number in REPORT_PAGES.items():
                where = str(ROOT / "docs" / "pictures" / f"report-{name}")
                page = ["-f", str(number), "-l", str(number)]
                subprocess.run(
                    ["pdftoppm", "-r", "60", "-png", "-singlefile", *page, folder + "/year.pdf", where], check=True
                )
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    return 0


def take(base: str, logins: list[dict[str, str]]) -> None:
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=zh-CN"):
        options.add_argument(flag)
    browser = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    (ROOT / "docs" / "pictures").mkdir(parents=True, exist_ok=True)
    try:
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
                browser.save_screenshot(str(ROOT / "docs" / "pictures" / f"{name}{ending}.png"))
    finally:
        browser.quit()


if __name__ == "__main__":
    sys.exit(main())
