"""What must be true of the source as a whole."""

import ast
import inspect
from pathlib import Path

import pytest
from litestar import Litestar

from outreach.shared.errors import OutreachError
from outreach.web.problems import field_phrases, problem_phrases
from outreach.web.templates import environment, templates_folder

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "outreach").rglob("*.py"))

#: Open to strangers on purpose. A route that is not here and not closed is a leak; one here that is closed is stale.
PUBLIC_ROUTES = {
    "/",
    "/account/messages/confirm/{token:str}",
    "/answer/{token:str}",
    "/api/v1/docs",
    "/api/v1/events",
    "/api/v1/events/{event_id:str}",
    "/api/v1/openapi.json",
    "/api/v1/sessions",
    "/api/v1/sessions/{session_id:str}",
    "/become-contact",
    "/calendar",
    "/calendar/share",
    "/calendar/share.png",
    "/calendars/districts/{name:path}",
    "/calendars/kinds/{name:path}",
    "/calendars/organisations/{name:str}",
    "/calendars/private/{name:str}",
    "/calendars/programmes/{programme_year:int}/{name:str}",
    "/calendars/providers/{name:str}",
    "/calendars/sessions/{name:str}",
    "/calendars/venues/{name:str}",
    "/calendars/{name:str}",
    "/certificates",
    "/certificates/{number:str}",
    "/checkin",
    "/checkin/{token:str}",
    "/checkin/{token:str}/opinion",
    "/embed/sessions",
    "/entry",
    "/entry/{code:str}",
    "/favicon.ico",
    "/healthz",
    "/how-counted",
    "/language",
    "/login",
    "/menu",
    "/menu/{event_id:str}",
    "/metrics",
    "/problems/{code:str}",
    "/progress",
    "/readyz",
    "/sessions/{session_id:str}",
    "/sessions/{session_id:str}/card.png",
    "/sessions/{session_id:str}/share",
    "/sessions/{session_id:str}/share.png",
    "/start",
    "/static/{file_path:path}",
    "/styleguide",
    "/subscribe",
    "/unsubscribe/{token:str}",
}


def test_every_route_is_closed_or_meant_to_be_public(app: Litestar) -> None:
    """The set of public GET routes is exactly the list above; public POSTs log in, make the first administrator, ask
    to become a contact, enter by code, answer by link, check in and say how it was."""
    public = {
        (route.path, method)
        for route in app.routes
        if hasattr(route, "route_handler_map")
        for method, (handler, *_rest) in route.route_handler_map.items()
        if handler.opt.get("public")
    }

    assert {path for path, method in public if method in ("GET", "HEAD")} == PUBLIC_ROUTES
    assert {path for path, method in public if method not in ("GET", "HEAD", "OPTIONS")} == {
        "/answer/{token:str}",
        "/api/v1/checkins",
        "/api/v1/opinions",
        "/become-contact",
        "/checkin",
        "/checkin/{token:str}",
        "/checkin/{token:str}/opinion",
        "/login",
        "/start",
        "/entry",
        "/entry/{code:str}",
        "/account/messages/confirm/{token:str}",
        "/unsubscribe/{token:str}",
    }


@pytest.mark.parametrize(
    "name", sorted(str(p.relative_to(templates_folder())) for p in templates_folder().rglob("*.html"))
)
def test_every_template_compiles(name: str) -> None:
    """A syntax error in a template is found here and not by a person."""
    environment().get_template(name)


async def test_tables_and_migrations_say_the_same(database: None) -> None:
    """A changed table without a migration would fail on the next machine."""
    import os

    os.environ.setdefault("PICCOLO_CONF", "outreach.piccolo_conf")
    from piccolo.apps.migrations.commands.new import AutoMigrationManager
    from piccolo.conf.apps import Finder

    drift = {
        config.app_name: await AutoMigrationManager(auto_input="y").get_alter_statements(config)
        for config in Finder().get_app_configs()
    }

    assert {app: [s for s in found if s.statements] for app, found in drift.items()} == {app: [] for app in drift}


def _errors(base: type[OutreachError]) -> list[type[OutreachError]]:
    return [base, *(deeper for one in base.__subclasses__() for deeper in _errors(one))]


def test_every_refusal_has_words(app: Litestar) -> None:
    """Each error class that can reach a person has a phrase with a title and a help text."""
    codes = {error.code for error in _errors(OutreachError) if error.__module__.startswith("outreach.")} - {"refused"}

    missing = {code for code in codes if code not in problem_phrases() or not problem_phrases()[code].help}

    assert missing == set()


def test_every_field_rule_has_words(app: Litestar) -> None:
    """Each code given to FieldProblem(...) or invalid(...) in the source has a phrase."""
    used: set[str] = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("FieldProblem", "invalid")
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            ):
                used.add(str(node.args[1].value))

    assert used - set(field_phrases()) == set()
    assert len(used) > 20


def test_only_the_edges_read_the_clock() -> None:
    """``now`` is passed in; a rule that reads the clock cannot be tested and breaks the demo's own time."""
    allowed = {"app.py", "cli.py", "doctor.py", "shared/time.py", "backup.py"}
    readers = {
        str(source.relative_to(ROOT / "outreach"))
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "today", "utcnow")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date", "dt")
    }

    assert readers - allowed == set()


def test_no_source_file_grows_beyond_reading() -> None:
    """A module of more than 400 lines or so hides two; migrations are generated and do not count."""
    long = {
        str(source.relative_to(ROOT)): lines
        for source in SOURCES
        if "piccolo_migrations" not in source.parts
        and (lines := len(source.read_text(encoding="utf-8").splitlines())) > 420
    }

    assert long == {}


def test_handlers_do_not_hide_annotations() -> None:
    """Litestar reads handler annotations at run time: postponed ones break dependency injection."""
    postponed = [
        str(source.relative_to(ROOT))
        for source in SOURCES
        if source.name in ("api.py", "pages.py") and "from __future__ import annotations" in source.read_text("utf-8")
    ]

    assert postponed == []
    assert inspect.isclass(Litestar)
