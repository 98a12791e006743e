"""The command line as a keeper uses it: each command in a process of its own, on an embedded database."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def outreach(tmp_path: Path) -> Run:
    """Runs ``outreach …`` in a home of this test (with a space and Chinese in its path)."""
    home = tmp_path / "我的 home"
    clean = {name: text for name, text in os.environ.items() if not name.startswith("OUTREACH_")}

    def run(*words: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {**clean, "OUTREACH_HOME": str(home), **settings}
        return subprocess.run(
            [sys.executable, "-m", "outreach", *words],
            env=environment, input=given, capture_output=True, text=True, timeout=120, cwd=tmp_path,
        )  # fmt: skip

    return run


SUZHOU = Path(__file__).parents[2] / "outreach" / "programmes" / "data" / "suzhou-2015.toml"


def test_a_keeper_sets_up_backs_up_and_restores(outreach: Run, tmp_path: Path) -> None:
    """init, users, tokens, programmes, doctor, backup; then everything again from the file in another home."""
    made = outreach("init", "--admin", "keeper", "--password-stdin", given="a long first password\n")
    again = outreach("init")
    organisations = tmp_path / "organisations.csv"
    organisations.write_text("代码,名称,类别,上级代码\nSZ,苏州市总工会,federation,\n", encoding="utf-8")
    loaded = outreach("organisations", "load", str(organisations))
    programmes = outreach("programmes", "load", str(SUZHOU))
    twice = outreach("programmes", "load", str(SUZHOU))
    added = outreach("users", "add", "gu", "--role", "organiser", "--organisation", "SZ")
    token = outreach("token", "create", "gu")
    checked = outreach("doctor")
    saved = outreach("backup", str(tmp_path / "all.backup"))
    refused = outreach("restore", str(tmp_path / "all.backup"))
    other = {"OUTREACH_HOME": str(tmp_path / "other")}
    restored = outreach("restore", str(tmp_path / "all.backup"), **other)
    report = outreach("report", "2015", "--as-of", "2015-12-31", "--format", "csv", "-o", "r.csv", **other)

    assert (made.returncode, made.stderr) == (0, "")
    assert (again.returncode, loaded.returncode, programmes.returncode) == (0, 0, 0), loaded.stderr + programmes.stderr
    assert twice.returncode == 1
    assert "--update" in twice.stderr
    assert added.returncode == 0, added.stderr
    assert len(token.stdout.strip()) >= 32
    assert token.stdout.count("\n") == 1
    assert checked.returncode == 0, checked.stdout
    assert saved.returncode == 0, saved.stderr
    assert stat.S_IMODE((tmp_path / "all.backup").stat().st_mode) == 0o600
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    assert report.returncode == 0, report.stderr
    assert "全年送文化进基层超过150场次" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")


SLIPS = [
    ('bound = "more_than"', 'bound = "over"', "bound"),
    ("value = 150", "value = -150", "value"),
    ('code = "psychology"', 'code = "culture"', "culture"),
    ("year = 2015", "year = ", "第6行"),
    ('metric = "visits"', 'metric = "clicks"', "metric"),
]


def test_a_programme_file_with_a_slip_is_refused_by_name(outreach: Run, tmp_path: Path) -> None:
    """The message names what is wrong, and nothing is stored: the right file loads afterwards as new."""
    file = tmp_path / "slip.toml"
    text = SUZHOU.read_text(encoding="utf-8")
    refusals = []
    for old, new, named in SLIPS:
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        refused = outreach("programmes", "load", str(file))
        refusals.append((refused.returncode, named in refused.stderr, "Traceback" in refused.stderr))

    stored = outreach("programmes", "load", str(SUZHOU))

    assert refusals == [(1, True, False)] * len(SLIPS)
    assert stored.returncode == 0, stored.stderr


def test_a_misspelt_setting_stops_every_command(outreach: Run) -> None:
    stopped = outreach("doctor", OUTREACH_HOEM="x")

    assert stopped.returncode == 1
    assert "OUTREACH_HOEM" in stopped.stderr


def test_a_database_that_does_not_answer_is_a_sentence(outreach: Run) -> None:
    """No stack trace, and the way out."""
    stopped = outreach("init", OUTREACH_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")

    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.startswith("Error: ")


def test_a_demo_is_refused_where_data_is_and_never_leaves_the_machine(outreach: Run, tmp_path: Path) -> None:
    """Its logins are written with mode 0600; serving it to others is refused while they stand."""
    demo = outreach("demo", "--seed", "7")
    again = outreach("demo")
    open_to_all = outreach("serve", "--host", "0.0.0.0")

    home = tmp_path / "我的 home"
    logins = json.loads((home / "demo.json").read_text(encoding="utf-8"))["logins"]

    assert demo.returncode == 0, demo.stderr
    assert stat.S_IMODE((home / "demo.json").stat().st_mode) == 0o600
    assert {one["role"] for one in logins} == {"administrator", "organiser", "contact", "provider", "evaluator"}
    assert len({one["organisation"] for one in logins if one["role"] == "contact"}) == 3
    assert (again.returncode, open_to_all.returncode) == (1, 1)
    assert "127.0.0.1" in open_to_all.stderr
