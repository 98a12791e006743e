"""Loads the demo into an empty database: all of it or nothing."""

import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from piccolo.table import Table

from outreach.accounts.passwords import hash_password
from outreach.accounts.tables import JournalEntry, Organisation, Person
from outreach.attendance.tables import Headcount
from outreach.bookings.tables import Booking, Order
from outreach.demo.afterwards import Aftermath
from outreach.demo.books import Books
from outreach.demo.days import Days, days_of, known_years
from outreach.demo.diary import Diary
from outreach.demo.history import History
from outreach.demo.orders import Ordering, mark_ordered
from outreach.demo.pictures import Pictures, keep_pictures, remove_pictures, write_evidence
from outreach.demo.plan import plan_year
from outreach.demo.rows import WRITTEN, Batch
from outreach.demo.run import run_year
from outreach.demo.staffing import write_labels, write_people
from outreach.demo.supply import stock_up
from outreach.demo.touring import give_way, write_tour, write_unseen
from outreach.demo.unions import People, Somebody, Union, Unions, found_unions
from outreach.demo.visits import count_visits, tallies
from outreach.demo.waiting import lay_waiting
from outreach.demo.waves import leave_to_waves, open_waves
from outreach.demo.written import Writer
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import OutreachError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase
from outreach.shared.ids import new_id

__all__ = ["LOGINS_FILE", "DemoLoaded", "DemoLogin", "DemoRefusedError", "load_demo"]

#: Under the home, mode 0600.
LOGINS_FILE = "demo.json"

Progress = Callable[[str, float], None]

_SITE = {
    "name": "苏州市总工会",
    "tagline": "普惠职工实事项目",
    "host_line": "苏州市总工会主办，苏州市工人文化宫承办",
    "phone": "0512-0000-0000（工作日9:00—17:00）",
}

# Login, person, role, organisation ("" for the whole installation, "/" for the root).
_LOGINS: tuple[tuple[str, str | None, Role, str], ...] = (
    ("admin", None, Role.ADMINISTRATOR, ""),
    ("organiser", "顾秀文", Role.ORGANISER, "/"),
    ("organiser2", None, Role.ORGANISER, "吴中区"),
    ("contact1", "陈巧云", Role.CONTACT, "胥江机械厂工会"),
    ("contact2", "梁佩文", Role.CONTACT, "阳山精工工会"),
    ("contact3", None, Role.CONTACT, "虞山服饰女职工委员会"),
    ("provider1", "沈若兰", Role.PROVIDER, "/"),
    ("provider2", None, Role.PROVIDER, "/"),
    ("evaluator", None, Role.EVALUATOR, "/"),
)
_PROVIDERS = {"provider1": "沈若兰", "provider2": "电力职工锡剧队"}

# What is told while rows are written.
_STEPS: dict[type[Table], str] = {
    Organisation: phrase("写入工会组织"),
    Person: phrase("写入人员"),
    Session: phrase("写入场次"),
    Booking: phrase("写入预约"),
    Order: phrase("写入点单"),
    Headcount: phrase("写入人次"),
    JournalEntry: phrase("写入操作日志"),
}

# No letters that are mistaken for others when typed from a print.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


_REFUSALS = {
    "other-data": (
        "数据库里已经有别的数据，演示数据没有载入。请用 OUTREACH_HOME 指定一个空的目录再试。",
        "The database holds other data; the demo was not loaded. Name an empty folder in OUTREACH_HOME and try again.",
    ),
    "demo-loaded": (
        "这里已经载入过演示数据，登录名和口令在 {file}。要重新载入，请用 OUTREACH_HOME 指定一个空的目录。",
        "A demo is loaded here already, its logins are in {file}. For a new one name an empty folder in OUTREACH_HOME.",
    ),
    "unknown-year": (
        "没有{year}年的节假日安排，演示数据可选{first}年至{last}年。",
        "The holidays of {year} are not known; choose a year from {first} to {last}.",
    ),
}


class DemoRefusedError(OutreachError):
    """The demo cannot be loaded and nothing was changed; ``str()`` says in Chinese and English what to do.

    ``why``: ``other-data`` (the database holds something else), ``demo-loaded`` (it holds a demo already) or
    ``unknown-year`` (no holidays known; ``first`` and ``last`` tell of which years they are).
    """

    def __str__(self) -> str:
        return " / ".join(words.format(**self.facts) for words in _REFUSALS[self.facts["why"]])


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """``name`` is typed at /login; ``organisation`` is empty for an administrator."""

    name: str
    password: str
    role: str
    organisation: str


@dataclass(frozen=True, slots=True)
class DemoLoaded:
    logins: list[DemoLogin]


async def load_demo(
    now_real: datetime, home: Path, *, year: int = 2015, seed: int = 1, progress: Progress = lambda _words, _share: None
) -> DemoLoaded:
    """Load the demo of ``year`` and write its logins to ``home/demo.json``.

    The same year and seed give the same rows, identifiers included; passwords are new each time.

    Args:
        now_real: the machine's time; the demo's clock starts at 09:00 on the Tuesday nearest to 15 September.
        progress: is told what is being done, and how much is (0 to 1).

    Raises:
        DemoRefusedError: nothing was changed.
    """
    first, last = known_years()
    if not first <= year <= last:
        raise DemoRefusedError(why="unknown-year", year=year, first=first, last=last)
    if (finished := await _finished(home)) is not None:
        return finished
    await _refuse_unless_empty(home)
    progress(_("生成口令"), 0.05)
    passwords = {name: _new_password() for name, _person, _role, _organisation in _LOGINS}
    hashes = {name: await hash_password(password) for name, password in passwords.items()}
    progress(_("编排一年的场次"), 0.2)
    days = days_of(year)
    pictures = await keep_pictures(home)
    mark = secrets.token_hex(8)
    pending = _pending_file(home, mark)
    try:
        batch, logins, lines = _compose(days, seed, passwords, hashes, pictures)
        _write_logins(pending, logins)
        async with db.atomic():
            await db.execute("LOCK TABLE accounts_installation_fact, accounts_organisation IN SHARE ROW EXCLUSIVE MODE")
            await _refuse_unless_empty(home)
            await batch.write_within(_told(progress))
            await _write_facts(days, now_real, seed, mark)
            await db.execute("SELECT setval(pg_get_serial_sequence('accounts_journal', 'id'), $1)", lines)
    except BaseException:
        pending.unlink(missing_ok=True)
        remove_pictures(home, pictures)
        raise
    pending.replace(home / LOGINS_FILE)
    progress(_("演示数据已载入"), 1.0)
    return DemoLoaded(logins)


def _new_password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _told(progress: Progress) -> Callable[[type[Table]], None]:
    def tell(table: type[Table]) -> None:
        if table in _STEPS:
            progress(_(_STEPS[table]), 0.4 + 0.55 * WRITTEN.index(table) / len(WRITTEN))

    return tell


async def _demo_mark() -> str | None:
    """The mark of the demo that the database holds; its file of logins bears it until it is named."""
    fact = await db.value("SELECT value FROM accounts_installation_fact WHERE name = 'demo'")
    mark: str | None = msgspec.json.decode(fact)["mark"] if fact is not None else None
    return mark


async def _finished(home: Path) -> DemoLoaded | None:
    """Finish a load that was killed between its commit and the naming of its file."""
    mark = await _demo_mark()
    if mark is None or not (pending := _pending_file(home, mark)).exists():
        return None
    pending.replace(home / LOGINS_FILE)
    return msgspec.json.decode((home / LOGINS_FILE).read_bytes(), type=DemoLoaded)


async def _refuse_unless_empty(home: Path) -> None:
    """Look into every table that the demo fills.

    Raises:
        DemoRefusedError: there is something in the database.
    """
    if await _demo_mark() is not None:
        raise DemoRefusedError(why="demo-loaded", file=str(home / LOGINS_FILE))
    filled = " UNION ALL ".join(f"(SELECT 1 FROM {table._meta.tablename} LIMIT 1)" for table in WRITTEN)  # noqa: S608
    if await db.value(f"SELECT EXISTS ({filled})"):
        raise DemoRefusedError(why="other-data")


# --- the file with the logins ----------------------------------------------------------------------------------------


def _pending_file(home: Path, mark: str) -> Path:
    return home / f".demo-{mark}.json"


def _write_logins(path: Path, logins: list[DemoLogin]) -> None:
    """Under another name until the rows are committed: who finds ``demo.json`` finds the demo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_over in path.parent.glob(".demo-*.json"):
        left_over.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        body = msgspec.json.encode({"logins": [asdict(login) for login in logins]})
        file.write(msgspec.json.format(body, indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())


# --- the rows --------------------------------------------------------------------------------------------------------


def _compose(
    days: Days, seed: int, passwords: dict[str, str], hashes: dict[str, str], pictures: Pictures
) -> tuple[Batch, list[DemoLogin], int]:
    """All rows, the logins, and how many lines the journal has."""
    dice = Random(f"{days.year}/{seed}")  # noqa: S311 - repeatable data is the point; passwords are drawn elsewhere
    batch = Batch(dice)
    unions = found_unions(batch, dice, days)
    people = People(batch, dice, days.now().replace(year=days.year - 1, month=12, day=1))
    logins, persons = _give_logins(unions, people, passwords, hashes)
    for union in unions.bookers():
        union.contact = union.contact or people.make(None, Role.CONTACT, union.id)
    supply = stock_up(
        batch, days, unions, people, persons={name: persons[login].id for login, name in _PROVIDERS.items()}
    )
    plan = plan_year(dice, days, unions, supply)
    runs = run_year([batch.new_id(one.starts_at - timedelta(days=40)) for one in plan], plan, dice, days, unions)
    history = History(days.now())
    staff = persons["organiser"]
    writer = Writer(batch, history, dice, unions, supply, staff)
    lay_waiting(runs, dice, unions, days.now())
    ordered = mark_ordered(runs)
    leave_to_waves(runs)
    giving_way = give_way(runs)
    for run in runs:
        if run in giving_way:
            write_unseen(run, dice, history, unions, supply, staff)
        else:
            writer.write_session(run)
    counts = count_visits(runs, dice, days)
    for counted in counts:
        writer.write_count(counted)
    books = Books(unions)
    for entry in books.leave_room(tallies(runs, dice, days)):
        writer.write_entry(entry)
    diary = Diary(days, runs)
    diary.write_absences(batch, supply)
    waves = open_waves(batch, days, supply, staff, runs)
    ordering = Ordering(batch, history, dice, days, unions, supply, writer, staff, diary, waves)
    for run in ordered:
        ordering.write_past(run)
    ordering.write_wishes()
    Aftermath(batch, dice, days, unions, staff).write(runs, counts)
    write_evidence(batch, runs, pictures, staff)
    books.write(batch, history, days, supply, staff, runs)
    write_tour(batch, history, days, unions, supply, writer, staff, diary)
    write_people(batch, history, dice, days, unions, staff)
    write_labels(batch, history, days, unions, staff)
    return batch, logins, history.write(batch)


def _give_logins(
    unions: Unions, people: People, passwords: dict[str, str], hashes: dict[str, str]
) -> tuple[list[DemoLogin], dict[str, Somebody]]:
    logins, persons = [], {}
    for login, name, role, where in _LOGINS:
        union = _union_called(unions, where)
        who = people.make(name, role, union.id if union else None, login=login, password=hashes[login])
        persons[login] = who
        if union is not None and role is Role.CONTACT:
            union.contact = who
        logins.append(DemoLogin(login, passwords[login], role.value, union.name if union else ""))
    return logins, persons


def _union_called(unions: Unions, where: str) -> Union | None:
    if not where:
        return None
    return unions.root if where == "/" else unions.districts.get(where) or unions.named(where)


async def _write_facts(days: Days, now_real: datetime, seed: int, mark: str) -> None:
    """The clock, the name over every page, what was loaded, and the holidays that are not there yet."""
    facts: dict[str, dict[str, Any]] = {
        "clock": {"offset_seconds": round((days.now() - now_real).total_seconds())},
        "site": _SITE,
        "demo": {"seed": seed, "year": days.year, "loaded_at": now_real.isoformat(), "mark": mark},
    }
    for name, value in facts.items():
        await db.execute(
            "INSERT INTO accounts_installation_fact (name, value) VALUES ($1, $2) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            msgspec.json.encode(value).decode(),
        )
    for kind, named in (("off", days.off), ("work", days.worked)):
        for on, name in named.items():
            await db.execute(
                'INSERT INTO programmes_holiday (id, "on", kind, name) VALUES ($1, $2, $3, $4) '
                'ON CONFLICT ("on") DO NOTHING',
                new_id(),
                on,
                kind,
                name,
            )
