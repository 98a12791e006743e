"""Take the network from a page and from its service worker, and give it back, by Chromium's own debugging protocol."""

import json
import urllib.request
from typing import Any

import websocket
from selenium.webdriver import Chrome

__all__ = ["CutOff"]

_CONDITIONS = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


class CutOff:
    """While the block runs, neither the page nor a service worker of its site reaches anybody.

    The driver speaks to the page only; a service worker has a line of its own, which must stay open for as long as the
    network is to be away.
    """

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser
        self.lines: list[Any] = []

    def __enter__(self) -> "CutOff":
        self._page(offline=True)
        address = self.browser.capabilities["goog:chromeOptions"]["debuggerAddress"]
        with urllib.request.urlopen(f"http://{address}/json/list", timeout=10) as answer:
            targets = json.load(answer)
        for target in targets:
            if target["type"] == "service_worker":
                line = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=10, suppress_origin=True)
                self.lines.append(line)
                self._say(line, "Network.enable", {})
                self._say(line, "Network.emulateNetworkConditions", {"offline": True, **_CONDITIONS})
        return self

    def __exit__(self, *_why: object) -> None:
        for line in self.lines:
            self._say(line, "Network.emulateNetworkConditions", {"offline": False, **_CONDITIONS})
            line.close()
        self._page(offline=False)

    def _page(self, *, offline: bool) -> None:
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": offline, **_CONDITIONS})

    @staticmethod
    def _say(line: Any, method: str, given: dict[str, Any]) -> None:
        line.send(json.dumps({"id": 1, "method": method, "params": given}))
        while json.loads(line.recv()).get("id") != 1:
            pass  # what the worker reports meanwhile
