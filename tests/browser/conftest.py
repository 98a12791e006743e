"""The demonstration served on loopback, and Chromium in front of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.support.programs import program

DESK, PHONE = (1440, 900), (375, 812)


@dataclass(frozen=True)
class Demo:
    """A served demonstration: its address and its logins by role."""

    url: str
    logins: dict[str, tuple[str, str]]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """`outreach demo` and `outreach serve` in a home of this run, as a person would start them."""
    with tempfile.TemporaryDirectory(prefix="outreach-browser-") as folder:
        home = Path(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "OUTREACH_HOME": str(home),
            "OUTREACH_BASE_URL": f"http://127.0.0.1:{port}",
        }
        outreach = [sys.executable, "-m", "outreach"]
        subprocess.run([*outreach, "demo"], env=environment, check=True, capture_output=True, timeout=180)
        log = (home / "serve.log").open("wb")
        server = subprocess.Popen([*outreach, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz", server, home / "serve.log")
            given = json.loads((home / "demo.json").read_text(encoding="utf-8"))["logins"]
            logins: dict[str, tuple[str, str]] = {}
            for one in given:
                logins.setdefault(one["role"], (one["name"], one["password"]))
            yield Demo(f"http://127.0.0.1:{port}", logins)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert server.poll() is None, log.read_text(errors="replace")
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """Headless Chromium, started once; the profile is empty and thrown away."""
    driver = program("chromedriver", package="chromium-driver")
    with tempfile.TemporaryDirectory(prefix="outreach-chromium-") as profile:
        options = ChromeOptions()
        options.binary_location = program("chromium", "google-chrome", "chromium-browser", package="chromium")
        for flag in (
            "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--lang=zh-CN", f"--user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(flag)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium refuses its sandbox to root, as in containers
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = Chrome(options=options, service=Service(driver))
        browser.set_page_load_timeout(60)
        browser.set_script_timeout(120)
        yield browser
        browser.quit()


@pytest.fixture
def fresh(chromium: Chrome, demo: Demo) -> Chrome:
    """The browser without cookies, on the desk's size."""
    resize(chromium, DESK)
    chromium.get(demo.url + "/healthz")
    chromium.delete_all_cookies()
    chromium.get_log("browser")  # type: ignore[no-untyped-call]
    return chromium


def resize(browser: Chrome, size: tuple[int, int]) -> None:
    """A viewport of exactly ``size``: CSS pixels, whatever the window's frame takes."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600},
    )


def log_in(browser: Chrome, demo: Demo, role: str) -> None:
    """Log in through the form, as a person does."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    name, password = demo.logins[role]
    browser.get(demo.url + "/login")
    browser.find_element(By.NAME, "name").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
    # Without anything to wait for a loaded machine is asked before it has answered.
    WebDriverWait(browser, 20).until(
        lambda shown: "/login" not in shown.current_url or shown.find_elements(By.CSS_SELECTOR, ".errs")
    )
    assert "/login" not in browser.current_url, browser.find_element(By.TAG_NAME, "main").text


__all__ = ["DESK", "PHONE", "Demo", "log_in", "resize"]
