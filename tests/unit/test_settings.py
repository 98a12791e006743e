"""Settings are typed, and a slip of spelling is loud."""

import stat
from pathlib import Path

import pytest

from outreach.calendars.domain.ical import host_of
from outreach.settings import (
    Settings,
    SettingsError,
    SmtpServer,
    is_every_address,
    is_given,
    load_settings,
    opens_only_here,
    own_address,
    secret_of,
    smtp_server,
)

NOWHERE = Path("/nonexistent/.env")


def test_settings_are_read_from_the_environment() -> None:
    made = load_settings(
        {
            "OUTREACH_HOME": "/srv/outreach",
            "OUTREACH_READ_URLS": "postgresql://a/x, postgresql://b/x",
            "OUTREACH_BASE_URL": "https://gh.example.cn/",
            "PATH": "/bin",
        },
        NOWHERE,
    )

    assert made == Settings(
        home=Path("/srv/outreach"),
        read_urls=("postgresql://a/x", "postgresql://b/x"),
        base_url="https://gh.example.cn",
    )


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("OUTREACH_HOMEE", "x", "OUTREACH_HOMEE"),
        ("OUTREACH_BASE_URL", "gh.example.cn", "base_url"),
        ("OUTREACH_LOG_FORMAT", "xml", "log_format"),
        ("OUTREACH_MESSAGES", "never", "messages"),
        ("OUTREACH_MAIL_FROM", "nobody", "mail_from"),
        ("OUTREACH_MAIL_FROM", "a@b.cn\r\nBcc: c@d.cn", "mail_from"),
        ("OUTREACH_SMTP_URL", "mail.example.cn:25", "SMTP_URL"),
        ("OUTREACH_SMTP_URL", "smtp://mail.example.cn?starttls=perhaps", "SMTP_URL"),
        ("OUTREACH_SMTP_URL", "smtps://mail.example.cn?starttls=always", "SMTP_URL"),
        ("OUTREACH_SECRET_KEY", "short", "secret_key"),
    ],
)
def test_a_bad_setting_is_refused_by_name(name: str, value: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings({name: value}, NOWHERE)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("# ours\nexport OUTREACH_LOCALE='en'\nOUTREACH_LOG_FORMAT=json\n", encoding="utf-8")

    made = load_settings({"OUTREACH_LOG_FORMAT": "text"}, dotenv)

    assert (made.locale, made.log_format) == ("en", "text")


def test_keys_are_made_once_with_mode_0600_and_differ(tmp_path: Path) -> None:
    """The identity key never changes with the login secret, given or not."""
    settings = Settings(home=tmp_path / "home")

    secret, identity = secret_of(settings), secret_of(settings, "identity")
    rotated = Settings(home=tmp_path / "home", secret_key="n" * 40)

    assert secret != identity
    assert (secret_of(settings), secret_of(settings, "identity")) == (secret, identity)
    assert secret_of(rotated) == b"n" * 40
    assert secret_of(rotated, "identity") == identity
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "home").glob("*.key")} == {0o600}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.cn", SmtpServer("mail.example.cn", 25, "offered")),
        ("smtps://u%40x:p%2F@mail.example.cn", SmtpServer("mail.example.cn", 465, "tls", "u@x", "p/")),
        ("smtp://mail.example.cn:587?starttls=always", SmtpServer("mail.example.cn", 587, "starttls")),
        ("smtp://localhost/?starttls=never", SmtpServer("localhost", 25, "none")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: SmtpServer) -> None:
    assert smtp_server(url) == expected


def test_a_refused_mail_server_does_not_show_its_password() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"OUTREACH_SMTP_URL": "smtp://user:secret-word@host:port"}, NOWHERE)

    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("192.168.1.20", "http://192.168.1.20:8123"),
        ("outreach.local", "http://outreach.local:8123"),
        ("::1", "http://[::1]:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),
        ("::", "http://127.0.0.1:8123"),
    ],
)
def test_a_server_has_an_address_that_a_browser_opens(host: str, expected: str) -> None:
    assert own_address(host, 8123) == expected
    assert load_settings({"OUTREACH_BASE_URL": expected}, Path("none")).base_url == expected
    assert is_every_address(host) is (host in ("0.0.0.0", "::"))
    # Calendars keep the host for ever; another port is no other publisher.
    assert host_of(expected) == host_of(own_address(host, 9000))
    assert "8123" not in host_of(expected)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.8.8", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.7:8000", False),
        ("https://localhost.example", False),
    ],
)
def test_an_address_of_this_machine_is_known(base_url: str, expected: bool) -> None:
    assert opens_only_here(base_url) is expected


def test_a_setting_is_given_in_the_environment_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert not is_given("base_url", {}, file)
    assert not is_given("base_url", {"OUTREACH_BASE_URL": ""}, file)
    assert is_given("base_url", {"OUTREACH_BASE_URL": "http://a"}, file)
    file.write_text("OUTREACH_BASE_URL=https://outreach.example\n", encoding="utf-8")
    assert is_given("base_url", {}, file)
