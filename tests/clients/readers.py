"""Calendar programs as functions: what each of them understands of the feed at an address.

They are outside programs (``scripts/clients`` installs them): where one is missing its tests are skipped by name, and
fail in CI.
"""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest

from outreach.shared.time import ZONE
from tests.support.programs import program

__all__ = ["READERS", "Entry", "Vdir", "fetched", "missing"]

HERE = Path(__file__).parent
CLIENTS = HERE.parents[1] / ".clients"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as a client shows it; ``uid`` and ``state`` are empty where the client does not tell."""

    title: str
    place: str
    start: datetime
    end: datetime
    state: str = ""
    uid: str = ""


def missing(what: str) -> None:
    """Skip the test, or fail it in CI."""
    text = f"{what} is not installed; scripts/clients installs it"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def _run(words: list[str], *, given: bytes = b"", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, input=given, capture_output=True, timeout=60, env={**os.environ, **(env or {})})
    assert done.returncode == 0, (words, done.stdout.decode(), done.stderr.decode())
    return done.stdout.decode()


def fetched(url: str) -> bytes:
    """The feed as any program gets it."""
    answer = httpx.get(url, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.content


def _told(text: str) -> list[Entry]:
    """What the scripts beside this file print."""
    found = json.loads(text)
    assert [one["alarms"] for one in found] == [0] * len(found)
    return [
        Entry(
            one["title"],
            one["place"],
            datetime.fromisoformat(one["start"]),
            datetime.fromisoformat(one["end"]),
            one["state"],
            one["uid"],
        )
        for one in found
    ]


def _node(script: str, *words: str, given: bytes = b"") -> list[Entry]:
    modules = CLIENTS / "node_modules"
    if not (modules / "node-ical").is_dir():
        missing("ical.js and node-ical (npm)")
    node = program("node", package="nodejs")
    env = {"NODE_PATH": str(modules), "TZ": "America/New_York"}  # a computer that is elsewhere
    return _told(_run([node, str(HERE / script), *words], given=given, env=env))


def by_icaljs(url: str, _folder: Path) -> list[Entry]:
    return _node("read_icaljs.cjs", given=fetched(url))


def by_nodeical(url: str, _folder: Path) -> list[Entry]:
    return _node("read_nodeical.cjs", url)


def _script(name: str) -> str:
    found = CLIENTS / "venv" / "bin" / name
    if not found.exists():
        missing(name)
    return str(found)


def by_home_assistant(url: str, _folder: Path) -> list[Entry]:
    return _told(_run([_script("python"), str(HERE / "read_ical.py")], given=fetched(url)))


def by_icalendar(url: str, _folder: Path) -> list[Entry]:
    calendar: Any = icalendar.Calendar.from_ical(fetched(url))
    return [
        Entry(
            str(one["SUMMARY"]),
            str(one.get("LOCATION", "")),
            one["DTSTART"].dt,
            one["DTEND"].dt,
            str(one["STATUS"]),
            str(one["UID"]),
        )
        for one in calendar.walk("VEVENT")
    ]


def by_calcurse(url: str, folder: Path) -> list[Entry]:
    """It imports into a data folder of its own; of an event it keeps title, times and a note with the place."""
    calcurse = program("calcurse", package="calcurse")
    data = folder / f"calcurse-{len(list(folder.iterdir()))}"
    data.mkdir()
    (data / "feed.ics").write_bytes(fetched(url))
    env = {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}
    own = [calcurse, "-D", str(data), "-C", str(data), "--read-only"]
    _run([calcurse, "-D", str(data), "-C", str(data), "-q", "-i", str(data / "feed.ics")], env=env)
    form = "%m\x1f%(start:%Y-%m-%d %H:%M)\x1f%(end:%Y-%m-%d %H:%M)\x1f%N\x1e"
    said = _run([*own, "-G", "--filter-type", "apt", "--format-apt", form], env=env)
    found = []
    for line in said.split("\x1e")[:-1]:
        title, start, end, note = line.strip("\n").split("\x1f")
        places = [one.partition("Location: ")[2] for one in note.splitlines() if "Location: " in one]
        found.append(Entry(title, "".join(places), _local(start), _local(end)))
    return found


def _local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


class Vdir:
    """A folder that vdirsyncer keeps in step with the feed, and khal shows."""

    def __init__(self, url: str, folder: Path) -> None:
        self.items = folder / "items"
        self.items.mkdir(exist_ok=True)
        self._khal = folder / "khal.conf"
        self._khal.write_text(
            f"[calendars]\n[[feed]]\npath = {self.items}\nreadonly = True\n[sqlite]\npath = {folder}/khal.db\n"
            "[locale]\nlocal_timezone = Asia/Shanghai\ndefault_timezone = Asia/Shanghai\ntimeformat = %H:%M\n"
            "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
            "longdatetimeformat = %Y-%m-%d %H:%M\n",
            encoding="utf-8",
        )
        self._config = folder / "vdirsyncer.conf"
        self._config.write_text(
            f'[general]\nstatus_path = "{folder}/status/"\n[pair feed]\na = "here"\nb = "there"\ncollections = null\n'
            f'conflict_resolution = "b wins"\n[storage here]\ntype = "filesystem"\npath = "{self.items}"\n'
            f'fileext = ".ics"\n[storage there]\ntype = "http"\nurl = "{url}"\n',
            encoding="utf-8",
        )

    def sync(self) -> dict[str, int]:
        """One run; file name → time of writing in nanoseconds."""
        base = [_script("vdirsyncer"), "-c", str(self._config)]
        _run([*base, "discover"], given=b"y\ny\n")
        _run([*base, "sync"])
        return {one.name: one.stat().st_mtime_ns for one in self.items.iterdir()}

    def shown(self) -> list[Entry]:
        """What khal lists over the year to come, cancelled ones too."""
        fields = ["title", "location", "start-long-full", "end-long-full", "status", "uid"]
        form = "\x1f".join(f"{{{one}}}" for one in fields) + "\x1e"
        said = _run(
            [_script("khal"), "--no-color", "-c", str(self._khal), "list", "--once", "--day-format", "", "--format",
             form, "today", "365d"],
            env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        found = []
        for line in said.split("\x1e")[:-1]:
            title, place, start, end, state, uid = line.strip("\n").split("\x1f")
            found.append(Entry(title, place, _local(start), _local(end), state.strip(), uid))
        return found


def by_khal(url: str, folder: Path) -> list[Entry]:
    """Through vdirsyncer, into the same folder each time: what an earlier reading left is brought in line."""
    kept = Vdir(url, folder)
    kept.sync()
    return kept.shown()


READERS: dict[str, Callable[[str, Path], list[Entry]]] = {
    "icalendar": by_icalendar,
    "ical.js": by_icaljs,
    "node-ical": by_nodeical,
    "ical": by_home_assistant,
    "calcurse": by_calcurse,
    "vdirsyncer and khal": by_khal,
}
