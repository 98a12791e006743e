"""5,000 confirmations by mail, each with its invitation, beside bare aiosmtplib with as many connections.

The application routes the messages, words them in HTML and text, writes the calendar, notes before and after each mail
what became of it, and commits; bare aiosmtplib hands over the bytes of mails that were written beforehand, and
remembers nothing. The server is aiosmtpd in a process of its own. The faster of two rounds of each, in turns.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.support import Row, free_port, home_folder

__all__ = ["measure"]

MAILS, ROUNDS, BOUND = 5_000, 2, 0.5


@contextmanager
def _sink() -> Iterator[tuple[int, IO[str], IO[str]]]:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.mail_sink", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield port, process.stdin, process.stdout
        finally:
            process.kill()


def _taken(asked: IO[str], told: IO[str]) -> str:
    asked.write("?\n")
    asked.flush()
    return told.readline().strip()


def _bare(port: int, connections: int) -> float:
    words = [sys.executable, "-m", "bench.bare_mail", str(port), str(connections), str(MAILS)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


async def _confirmations(now: object) -> None:
    """5,000 bookings of units whose contacts have an address, confirmed, and the messages that say so."""
    from outreach.shared import db

    organisation = await db.value("SELECT id FROM accounts_organisation WHERE parent IS NULL")
    async with db.atomic():
        await db.execute(
            """INSERT INTO notifications_outbox_message
                   (id, kind, organisation_id, object_kind, object_id, facts, created_at, attempts, error)
               SELECT gen_random_uuid(), 'booking-confirmed', b.organisation, 'booking', b.id,
                      jsonb_build_object('session_id', s.id, 'title', s.title, 'starts_at', s.starts_at,
                                         'ends_at', s.ends_at, 'seats', b.seats, 'organisation', o.name),
                      $1, 0, ''
                 FROM bookings_booking b JOIN events_session s ON s.id = b.session
                 JOIN accounts_organisation o ON o.id = b.organisation WHERE o.id <> $2""",
            now,
            organisation,
        )


async def _stock(now: object) -> None:
    from outreach.shared import db
    from tests.factories.accounts import make_organisation
    from tests.factories.events import make_event, make_session
    from tests.factories.programmes import make_programme

    root = await make_organisation(name="市总工会")
    session = await make_session(await make_event(await make_programme(root)), capacity=None)
    async with db.atomic():
        await db.execute(
            """WITH unit AS (
                   INSERT INTO accounts_organisation (id, code, name, kind, parent, path, district, ownership, industry,
                                                      revision, created_at)
                   SELECT id, 'bench-' || n, '第' || n || '机械厂工会', 'grassroots_union', $1, $2 || id || '/', '', '',
                          '', 1, $4
                     FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $5) AS n) one
                   RETURNING id, code, name
               ), person AS (
                   INSERT INTO accounts_person (id, name, locale, revision, created_at, email, email_confirmed_at)
                   SELECT id, '联系人', 'zh_CN', 1, $4, code || '@example.cn', $4 FROM unit RETURNING id
               ), contact AS (
                   INSERT INTO accounts_role_grant (id, person, organisation, role, from_on, is_deputy, created_at)
                   SELECT gen_random_uuid(), id, id, 'contact', '2014-01-01', false, $4 FROM unit
               )
               INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name,
                                             contact_phone, note, reason, created_at, changed_at, revision)
               SELECT gen_random_uuid(), $3, id, 20, 'confirmed', false, '联系人', '', '', '', $4, $4, 1 FROM unit""",
            root.id,
            root.path,
            session.id,
            now,
            MAILS,
        )


async def _rounds(home: Path, port: int, asked: IO[str], told: IO[str]) -> tuple[float, float]:
    from outreach.app import connected, install_all_phrases
    from outreach.notifications.channels.mail import MailChannel
    from outreach.notifications.working import deliver_due
    from outreach.settings import Settings
    from outreach.shared.time import Clock

    install_all_phrases()
    settings = Settings(home=home, base_url="https://gh.example.cn", smtp_url=f"smtp://127.0.0.1:{port}")
    clock, ours, bare = Clock(), [], []
    async with connected(settings):
        await _stock(clock.now())
        for _ in range(ROUNDS):
            bare.append(await asyncio.to_thread(_bare, port, MailChannel.parallel))
            assert _taken(asked, told) == f"{MAILS} {MAILS}"
            await _confirmations(clock.now())
            began = time.perf_counter()
            await deliver_due(clock, settings)
            ours.append(time.perf_counter() - began)
            assert _taken(asked, told) == f"{MAILS} {MAILS}"
    return min(ours), min(bare)


def measure() -> list[Row]:
    with home_folder() as home, _sink() as (port, asked, told):
        ours, bare = asyncio.run(_rounds(home, port, asked, told))
    ratio = bare / ours
    return [
        Row(f"{MAILS:,} mails with invitations to a local server", f"{MAILS / ours:,.0f} a second",
            f"bare aiosmtplib {MAILS / bare:,.0f} a second", ratio, f"≥ {BOUND}", ratio >= BOUND),
    ]  # fmt: skip
