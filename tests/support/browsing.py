"""A person at a browser, over a real connection: pages with their links and forms, filled in and sent as they stand.

Nothing of the application is imported: what a page does not offer cannot be done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

__all__ = ["Form", "Page", "Typed", "Visitor"]

#: What a person types or ticks: a text, ``True`` or ``False`` for a box, several values of one name, or a file.
Typed = str | int | bool | Sequence[str] | tuple[str, bytes]

_UNSEEN = ("script", "style", "head", "svg")


@dataclass
class _Control:
    """One control of a form; ``value`` is what goes out if nobody touches it, ``None``: nothing."""

    name: str
    kind: str
    value: str | None
    #: Words of a choice → its value.
    offered: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    """A form of a page: its controls as they stand when the page is opened, and the words of its buttons."""

    method: str
    action: str
    controls: list[_Control] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    #: Words of a button → where it sends the form instead of ``action``.
    elsewhere: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.controls}

    def value(self, name: str) -> str | None:
        """What stands in a control now."""
        return next((one.value for one in self.controls if one.name == name and one.value is not None), None)

    def choices(self, name: str) -> dict[str, str]:
        """Words of a list, or of boxes of one name → value."""
        return {words: value for one in self.controls if one.name == name for words, value in one.offered.items()}


@dataclass
class Page:
    """What came, with its words, links (words → address, the first of each; ``listed``: all) and forms."""

    status: int
    url: str
    html: str
    text: str
    links: dict[str, str]
    listed: list[tuple[str, str]]
    forms: list[Form]

    @property
    def hrefs(self) -> list[str]:
        return [href for _words, href in self.listed]

    def link(self, words: str) -> str:
        """Where the link with these words leads: the whole text, else the only one that contains them."""
        if words in self.links:
            return self.links[words]
        found = {href for text, href in self.links.items() if words in text}
        assert len(found) == 1, (words, self.url, sorted(self.links))
        return found.pop()

    def form(self, button: str = "", *, action: str = "") -> Form:
        """The form with this button, or whose address ends so."""
        found = [
            one
            for one in self.forms
            if (not button or any(button in words for words in one.buttons))
            and (not action or re.search(action, one.action))
        ]
        assert found, (button, action, self.url, [(one.action, one.buttons) for one in self.forms], self.text[:400])
        return found[0]


class Visitor:
    """One browser with its own cookies. A page that is not shown (4xx, 5xx) is an error unless it is expected."""

    def __init__(self, base: str) -> None:
        self.http = httpx.Client(base_url=base, timeout=60, follow_redirects=True)
        self.seen: list[str] = []

    def close(self) -> None:
        self.http.close()

    def open(self, path: str, *, expect: int = 200) -> Page:
        """Open an address, or follow a link of a page."""
        return self._read(self.http.get(path), expect)

    def download(self, path: str) -> bytes:
        """A file that a link offers."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:800])
        return answer.content

    def follow(self, page: Page, words: str) -> Page:
        """Press the link with these words."""
        return self.open(urljoin(page.url, page.link(words)))

    def send(self, page: Page, form: Form, typed: Mapping[str, Typed] | None = None, *, expect: int = 200) -> Page:
        """Send a form of the page: as it stands, with what is typed into it. Follow where that leads."""
        return self._read(self._sent(page, form, form.action, typed or {}), expect)

    def press(self, page: Page, button: str, typed: Mapping[str, Typed] | None = None, *, expect: int = 200) -> Page:
        """Fill in the form with this button and press it."""
        return self.send(page, page.form(button), typed, expect=expect)

    def fetch(self, page: Page, button: str, typed: Mapping[str, Typed] | None = None) -> bytes:
        """The file that comes when this button is pressed."""
        form = page.form(button)
        answer = self._sent(page, form, form.elsewhere.get(button, form.action), typed or {})
        assert answer.status_code == 200, (button, answer.status_code, _words(answer.text)[:1500])
        return answer.content

    def _sent(self, page: Page, form: Form, action: str, typed: Mapping[str, Typed]) -> httpx.Response:
        missing = typed.keys() - form.names
        assert not missing, (missing, sorted(form.names), page.url)
        data: dict[str, list[str]] = {}
        files: dict[str, tuple[str, bytes]] = {}
        for control in form.controls:
            name = control.name
            if name not in typed:
                if control.value is not None:
                    data.setdefault(name, []).append(control.value)
            elif control.kind == "file":
                files[name] = _file_of(typed[name])
            elif name not in data:
                data[name] = self._values(form, control, typed[name])
        address = urljoin(page.url, action)
        if form.method == "get":
            return self.http.get(address, params=data)
        return self.http.post(address, data=data, files=files or None)

    @staticmethod
    def _values(form: Form, control: _Control, given: Typed) -> list[str]:
        """What goes out for a control; a list and boxes take only what they offer."""
        if isinstance(given, bool):
            assert control.kind == "checkbox", control
            return list(form.choices(control.name).values())[:1] if given else []
        values = [str(given)] if isinstance(given, str | int) else [str(one) for one in given]
        if control.kind in ("select", "radio", "checkbox"):
            offered = form.choices(control.name)
            assert set(values) <= set(offered.values()), (control.name, values, offered)
        return values

    def _read(self, answer: httpx.Response, expect: int) -> Page:
        assert answer.status_code == expect, (str(answer.url), answer.status_code, _words(answer.text)[:1500])
        reader = _Reader()
        reader.feed(answer.text)
        url = urlsplit(str(answer.url))
        path = url.path + (f"?{url.query}" if url.query else "")
        self.seen.append(path)
        return Page(answer.status_code, path, answer.text, reader.words(), reader.links, reader.listed, reader.forms)


def _file_of(given: Typed) -> tuple[str, bytes]:
    match given:
        case (str() as name, bytes() as content):
            return name, content
    raise AssertionError(given)


def _words(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    return reader.words()


class _Reader(HTMLParser):
    """Reads words, links and forms. Attributes ``form=`` are not used by our pages."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.listed: list[tuple[str, str]] = []
        self._texts: list[str] = []
        self._form: Form | None = None
        self._unseen = 0
        self._link: tuple[str, int] | None = None
        self._button: tuple[int, str] | None = None
        self._area: tuple[_Control, int] | None = None
        self._select: _Control | None = None
        self._option: tuple[str | None, bool, int] | None = None
        self._box: _Control | None = None
        self._label: tuple[str, int] | None = None
        self._boxes: dict[str, _Control] = {}

    def words(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._texts)).strip()

    def _since(self, place: int) -> str:
        return re.sub(r"\s+", " ", "".join(self._texts[place:])).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        has = {name for name, _value in attrs}
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "form":
            self._form = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "a" and "href" in has:
            self._link = (given["href"], len(self._texts))
        elif tag == "label":
            self._label = (given.get("for", ""), len(self._texts))
        if self._form is None:
            return
        if tag == "input":
            self._input(given, has)
        elif tag == "textarea":
            control = _Control(given.get("name", ""), "area", "")
            self._area = (control, len(self._texts))
            self._form.controls.append(control)
        elif tag == "select":
            self._select = _Control(given.get("name", ""), "select", None)
            self._form.controls.append(self._select)
        elif tag == "option":
            self._option = (given.get("value") if "value" in has else None, "selected" in has, len(self._texts))
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._button = len(self._texts), given.get("formaction", "")
            if given.get("name"):
                self._form.controls.append(_Control(given["name"], "button", None))

    def _input(self, given: dict[str, str], has: set[str]) -> None:
        assert self._form is not None
        kind, name = given.get("type", "text"), given.get("name", "")
        if kind == "submit":
            self._form.buttons.append(given.get("value", ""))
        if not name or "disabled" in has:
            return
        if kind in ("checkbox", "radio"):
            value = given.get("value", "on")
            control = _Control(name, kind, value if "checked" in has else None, {"": value})
            self._boxes[given.get("id", "")] = control
        else:
            control = _Control(name, kind, None if kind == "file" else given.get("value", ""))
        self._form.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        elif tag == "form":
            self._form = None
        elif tag == "a" and self._link:
            href, place = self._link
            self.links.setdefault(self._since(place), href)
            self.listed.append((self._since(place), href))
            self._link = None
        elif tag == "button" and self._button is not None and self._form:
            place, elsewhere = self._button
            self._form.buttons.append(self._since(place))
            if elsewhere:
                self._form.elsewhere[self._since(place)] = elsewhere
            self._button = None
        elif tag == "textarea" and self._area:
            control, place = self._area
            control.value = "".join(self._texts[place:]).removeprefix("\n")
            self._area = None
        elif tag == "option":
            self._end_option()
        elif tag == "select" and self._select:
            self._end_option()
            if self._select.value is None and self._select.offered:
                self._select.value = next(iter(self._select.offered.values()))
            self._select = None
        elif tag == "label" and self._label:
            of, place = self._label
            if of in self._boxes:
                box = self._boxes[of]
                box.offered = {self._since(place): next(iter(box.offered.values()))}
            self._label = None

    def _end_option(self) -> None:
        if self._option is None or self._select is None:
            return
        value, selected, place = self._option
        words = self._since(place)
        value = words if value is None else value
        self._select.offered[words] = value
        if selected:
            self._select.value = value
        self._option = None

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._texts.append(data)
