"""签到 as a worker meets it: the poster's address on a phone in WeChat, two words, one tap; also without scripts."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.conftest import PHONE, Demo, log_in, resize
from tests.browser.test_list import Keeper, until
from tests.browser.test_pages import _faults

pytestmark = pytest.mark.browser

WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; V2148A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile "
    "Safari/537.36 MMWEBID/3112 MicroMessenger/8.0.49(0x28003137) NetType/WIFI Language/zh_CN"
)


@pytest.fixture
def poster(fresh: Chrome, demo: Demo) -> str:
    """What the QR code of a session of the day says, read from the poster by who runs the session; then logged out."""
    keeper = Keeper(demo, "organiser")
    session = keeper.session()
    keeper.client.close()
    log_in(fresh, demo, "organiser")
    path = f"{demo.url}/desk/sessions/{session}/door"
    fresh.get(path)
    early = fresh.find_element(By.NAME, "opens_minutes")
    early.clear()
    early.send_keys("1440")
    fresh.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
    until(lambda: "签到设置已保存" in fresh.page_source, "the door is not open")
    fresh.get(f"{demo.url}/sessions/{session}/poster")
    digits = fresh.find_element(By.CSS_SELECTOR, ".digits").text.replace(" ", "")
    link = _address_of(fresh)
    assert len(digits) == 6
    fresh.delete_all_cookies()
    return link


def _address_of(browser: Chrome) -> str:
    """The address in the QR code: read from the picture itself, as a phone's camera does."""
    import segno

    door = browser.find_element(By.CSS_SELECTOR, "[role=img] svg path:last-of-type").get_attribute("d")
    code = browser.find_element(By.CSS_SELECTOR, ".digits").text.replace(" ", "")
    browser.get(browser.current_url.split("/sessions/")[0] + "/checkin")
    browser.find_element(By.NAME, "code").send_keys(code)
    browser.find_element(By.CSS_SELECTOR, "main form .btn.main").click()
    until(lambda: "by=code" in browser.current_url, "the code finds nothing")
    link = browser.current_url.partition("?")[0]
    drawn = segno.make_qr(link, error="m").svg_inline(border=4, light="#fff", omitsize=True)
    assert door is not None
    assert door in drawn  # the picture says this address and no other
    return link


@pytest.fixture
def wechat(fresh: Chrome, demo: Demo, poster: str) -> Iterator[Chrome]:
    """A stranger's phone: WeChat's own browser, a small screen, no cookie."""
    resize(fresh, PHONE)
    fresh.execute_cdp_cmd("Emulation.setUserAgentOverride", {"userAgent": WECHAT})
    yield fresh
    fresh.execute_cdp_cmd("Emulation.setUserAgentOverride", {"userAgent": ""})
    fresh.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def _check_in(phone: Chrome, name: str) -> str:
    """Two words and one tap; the time that the page then says."""
    for field, text in (("name", name), ("unit", "胥江机械厂工会")):
        phone.find_element(By.CSS_SELECTOR, f"main form [name={field}]").send_keys(text)
    button = phone.find_element(By.CSS_SELECTOR, "main form .btn.main")
    assert button.rect["height"] >= 52
    button.click()
    until(lambda: "已签到" in phone.find_element(By.TAG_NAME, "main").text, "not checked in")
    return phone.find_element(By.CSS_SELECTOR, ".done .at").text


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_poster_to_checked_in(wechat: Chrome, demo: Demo, poster: str, scripts: bool) -> None:
    """Opening changes nothing, the button does; opened again the phone says since when; once on the list."""
    name = "海报有脚本" if scripts else "海报无脚本"
    keeper = Keeper(demo, "organiser")
    session = keeper.session()
    wechat.get(poster)
    faults = _faults(wechat, "/checkin", PHONE)
    wechat.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    wechat.get(poster)
    assert name not in keeper.people(session)

    at = _check_in(wechat, name)
    wechat.get(poster)

    again = wechat.find_element(By.TAG_NAME, "main").text
    assert "已签到" in again
    assert wechat.find_element(By.CSS_SELECTOR, ".done .at").text == at
    assert not wechat.find_elements(By.CSS_SELECTOR, "main form [name=unit]")
    row = keeper.people(session)[name]
    assert (row["present"], row["came_by"], row["checked_in_at"][11:16]) == (True, "qr", at)
    assert faults == []
    keeper.client.close()
