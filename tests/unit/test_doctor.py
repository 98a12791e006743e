"""The doctor's lines, one by one; the whole against a database of its own in a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from outreach import doctor
from outreach.doctor import Finding
from outreach.settings import Settings
from outreach.shared.postgres import EmbeddedPostgres
from tests.support.mailing import mail_server

PROJECT = Path(__file__).parents[2]


def test_clock_before_2020_must_be_mended() -> None:
    assert doctor._clock(datetime(1970, 1, 1, tzinfo=UTC)) == Finding(
        "clock", False, "本机时钟显示 1970 年，请校正时间。"
    )
    assert doctor._clock(datetime(2026, 1, 1, tzinfo=UTC)).ok is True


async def test_no_mail_server_is_worth_knowing_but_no_fault() -> None:
    assert (await doctor._mail(Settings())).ok is None
    assert (await doctor._mail(Settings(smtp_url="smtp://127.0.0.1:1", messages="console"))).ok is None


async def test_mail_server_that_answers_is_fine() -> None:
    async with mail_server() as server:
        found = await doctor._mail(Settings(smtp_url=server.url, base_url="https://gh.example.cn"))

    assert found == Finding("mail", True, "邮件服务器 127.0.0.1 可用，连接没有加密，发件人是 noreply@gh.example.cn。")


@pytest.mark.parametrize(("password", "fine"), [("p%40ss", True), ("wrong", False)])
async def test_mail_login_is_tried(password: str, fine: bool) -> None:
    def known(_server: object, _session: object, _envelope: object, _way: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given.password == b"p@ss", handled=False)

    async with mail_server(authenticator=known, auth_require_tls=False) as server:
        found = await doctor._mail(Settings(smtp_url=server.url.replace("//", f"//user:{password}@")))

    assert found.ok is fine
    assert ("登录成功" in found.message) is fine
    assert "p@ss" not in found.message


async def test_mail_server_that_does_not_answer_must_be_mended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    found = await doctor._mail(Settings(smtp_url=f"smtp://127.0.0.1:{port}"))

    assert found.ok is False
    assert found.message.startswith("邮件服务器 127.0.0.1 无法使用：")


@pytest.mark.parametrize("url", ["smtp://", "smtp://host:port", "nonsense"])
async def test_mail_address_that_is_none_must_be_mended(url: str) -> None:
    assert (await doctor._mail(Settings(smtp_url=url))).ok is False


def test_keys_that_others_can_read_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("s" * 40)
    (tmp_path / "secret.key").chmod(0o640)
    (tmp_path / "identity.key").write_text("i" * 40)
    (tmp_path / "identity.key").chmod(0o600)

    secret, identity = doctor._keys(Settings(home=tmp_path))

    assert (secret.ok, identity.ok) == (False, True)
    assert f"chmod 600 {tmp_path}/secret.key" in secret.message


def test_keys_not_made_yet_are_no_fault(tmp_path: Path) -> None:
    assert [one.ok for one in doctor._keys(Settings(home=tmp_path, secret_key="k" * 40))] == [True, None]


def test_disk_is_that_of_a_home_still_to_be_made(tmp_path: Path) -> None:
    assert doctor._disk(tmp_path / "not" / "yet").name == "disk"


def test_printing_lacks_nothing_here() -> None:
    assert [one.ok for one in doctor._printing()] == [True, True]


def test_library_that_is_not_there_does_not_load() -> None:
    assert not doctor._loads("libnothing-of-this-name.so.0")


async def test_home_without_a_database_is_told_to_init_and_left_empty(tmp_path: Path) -> None:
    found = {one.name: one for one in await doctor.diagnose(Settings(home=tmp_path / "home"))}

    assert found["database"].ok is False
    assert "outreach init" in found["database"].message
    assert not (tmp_path / "home").exists()


EXAMINE = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from outreach.doctor import diagnose
from outreach.settings import Settings
from outreach.shared.time import Clock

settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2] or None)
for one in asyncio.run(diagnose(settings, Clock(timedelta(seconds=float(sys.argv[3]))))):
    print(one.name, one.ok, one.message)
"""


MIGRATE = """
import asyncio, sys
from pathlib import Path
from outreach.app import connected
from outreach.settings import Settings

async def migrate():
    async with connected(Settings(home=Path(sys.argv[1]))):
        pass

asyncio.run(migrate())
"""


def run(script: str, *words: str) -> str:
    """What a process of its own says: the pools of this one belong to other tests."""
    told = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"},
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def examine(home: Path, *, url: str = "", clock_off_by: timedelta = timedelta()) -> dict[str, list[str]]:
    """The doctor's findings by name: ``[ok, message]``."""
    lines = run(EXAMINE, str(home), url, str(clock_off_by.total_seconds())).splitlines()
    return {line.split(" ", 1)[0]: line.split(" ", 2)[1:] for line in lines}


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the account of root's server can enter, too."""
    path = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_database_before_and_after_migration(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()

    before = examine(home)
    run(MIGRATE, str(home))
    after = examine(home)

    server.stop()
    assert (before["database"][0], before["migrations"][0]) == ("True", "False")
    assert (after["database"][0], after["migrations"], after["database-clock"][0]) == (
        "True",
        ["True", "数据库结构是最新的。"],
        "True",
    )


def test_doctor_stops_the_database_that_it_started(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()

    assert examine(home)["database"][0] == "True"

    assert not server.status().running


def test_clocks_six_seconds_apart_must_be_mended(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()

    found = examine(home, clock_off_by=timedelta(seconds=6))

    server.stop()
    assert found["database-clock"] == ["False", "数据库与本机的时钟相差 6 秒，请为两台机器开启自动校时（NTP）。"]


def test_database_that_does_not_answer_must_be_mended(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    found = examine(tmp_path, url=f"postgresql://nobody@127.0.0.1:{port}/nothing")

    assert found["database"][0] == "False"
    assert f"Connect call failed ('127.0.0.1', {port})" in found["database"][1]
