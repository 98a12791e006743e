"""Where everything meets: settings, clock, database, features, one Litestar application."""

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import anyio
import msgspec
from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router

from outreach import __version__
from outreach.accounts.authentication import authenticate
from outreach.accounts.site import keep_site
from outreach.bookings.domain.states import BOOKING_WORDS
from outreach.bookings.message_owners import owners_of
from outreach.bookings.orders.domain.states import ORDER_WORDS
from outreach.bookings.own_links import install_own_links
from outreach.calendars.invitations import ADDED_TO, invitations_of
from outreach.counting.first_steps import install_first_steps
from outreach.events.domain.states import SESSION_WORDS
from outreach.guide.queries import first_steps_of
from outreach.materials.linking import materials_links
from outreach.materials.message_owners import owners_of_rounds
from outreach.notifications.parts import install_owners, install_parts
from outreach.settings import Settings, secret_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import LoginRequiredError
from outreach.shared.migrations import migrate
from outreach.shared.postgres import EmbeddedPostgres
from outreach.shared.time import Clock
from outreach.tours.linking import tour_links
from outreach.web.idempotency import IdempotencyMiddleware
from outreach.web.problems import EXCEPTION_HANDLERS, install_phrases, install_state_words
from outreach.web.security import admit, identify
from outreach.web.templates import STATIC, Site

__all__ = ["connected", "create_app", "install_all_phrases", "load_clock"]

FEATURES = (
    "accounts",
    "accounts.leave",
    "accounts.requests",
    "notifications",
    "notifications.unsent",
    "notifications.hooks",
    "notifications.wordings",
    "notifications.choosing",
    "programmes",
    "events",
    "bookings",
    "bookings.openings",
    "bookings.orders",
    "bookings.feedback",
    "bookings.telling",
    "attendance",
    "attendance.rosters",
    "attendance.reported",
    "attendance.ticking",
    "attendance.opinions",
    "attendance.closing",
    "attendance.costs",
    "counting",
    "counting.coverage",
    "evaluation",
    "statistics",
    "calendars",
    "reports",
    "reports.fixed",
    "reports.jobs",
    "reports.years",
    "papers",
    "sharing",
    "imports",
    "persons",
    "materials",
    "letters",
    "tours",
    "guide",
)


def _actor(request: Request[Any, Any, Any]) -> Actor:
    actor: Actor | None = request.scope.get("user")
    if actor is None:
        raise LoginRequiredError
    return actor


def _visitor(request: Request[Any, Any, Any]) -> Actor | None:
    visitor: Actor | None = request.scope.get("user")
    return visitor


def _now(state: State) -> datetime:
    now: datetime = state.clock.now()
    return now


def _settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings


@contextlib.asynccontextmanager
async def connected(settings: Settings, *, dsn: str | None = None, migrating: bool = True) -> AsyncIterator[str]:
    """The database of ``settings`` open and migrated; the embedded server runs as long as somebody uses it.

    Yields the DSN. ``dsn`` overrides both settings (tests).
    """
    server = None
    if dsn is None and settings.database_url is None:
        server = EmbeddedPostgres(settings.home)
        dsn = await anyio.to_thread.run_sync(server.start)
    try:
        await db.connect(dsn or settings.database_url or "", read_dsns=settings.read_urls)
        try:
            if migrating:
                await migrate()
            yield dsn or settings.database_url or ""
        finally:
            await db.disconnect()
    finally:
        if server is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(server.stop)


async def load_clock() -> Clock:
    """The system's clock, or the demo's own one."""
    fact = await db.value("SELECT value FROM accounts_installation_fact WHERE name = 'clock'")
    return Clock(timedelta(seconds=msgspec.json.decode(fact)["offset_seconds"])) if fact else Clock()


def _modules(name: str) -> list[Any]:
    found = []
    for feature in FEATURES:
        module = f"outreach.{feature}.{name}"
        if importlib.util.find_spec(module) is not None:
            found.append(importlib.import_module(module))
    return found


#: Nothing here says what the installation is called.
_WITHOUT_NAME = ("/api/", "/static/", "/healthz", "/readyz", "/metrics")


class _Application(Litestar):
    """Litestar, and what must happen before it chooses a route."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith("/sessions/") and path.endswith(".ics"):
                # A calendar; the router cannot tell it from the session's page.
                scope["path"] = "/calendars" + path
            await identify(scope, self.state)
            if not path.startswith(_WITHOUT_NAME):
                await keep_site(self.state, scope["user"])
        await super().__call__(scope, receive, send)


def install_all_phrases() -> None:
    """Let the edge say what the features refuse, and messages say what features above them know."""
    for module in _modules("phrases"):
        install_phrases(module.PROBLEMS, module.FIELDS)
    # A word that two of them know, such as declined, is said as bookings say it.
    install_state_words({**ORDER_WORDS, **BOOKING_WORDS, **SESSION_WORDS})
    install_owners(owners_of)
    install_owners(owners_of_rounds)
    install_parts(ADDED_TO, invitations_of)
    install_own_links(materials_links)
    install_own_links(tour_links, of_providers=True)
    install_first_steps(first_steps_of)


def create_app(
    settings: Settings, *, dsn: str | None = None, clock: Clock | None = None, work: bool = False
) -> Litestar:
    """The application.

    Args:
        dsn: a database to use instead of the one in ``settings`` (tests).
        clock: instead of the installation's own (tests).
        work: run background work in this process too.
    """
    install_all_phrases()

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with connected(settings, dsn=dsn):
            app.state.clock = clock or await load_clock()
            await keep_site(app.state, None)
            worker = asyncio.create_task(_work(app)) if work else None
            try:
                yield
            finally:
                if worker is not None:
                    worker.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await worker
                for module in _modules("lifespan"):
                    await module.close()

    modules = [*_modules("api"), *_modules("pages")]
    routes = [handler for module in modules for handler in module.ROUTES]
    return _Application(
        route_handlers=[
            *routes,
            *_kernel_routes(),
            create_static_files_router(
                path="/static",
                directories=[STATIC],
                opt={"public": True},
                cache_control=None,
                after_request=_keep_for_ever,
                include_in_schema=False,
            ),
        ],
        guards=[admit],
        middleware=[IdempotencyMiddleware],
        exception_handlers=EXCEPTION_HANDLERS,
        dependencies={
            "actor": Provide(_actor, sync_to_thread=False),
            "visitor": Provide(_visitor, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
            "settings": Provide(_settings, sync_to_thread=False),
        },
        state=State(
            {"settings": settings, "secret": secret_of(settings), "authenticate": authenticate, "site": Site()}
        ),
        lifespan=[lifespan],
        # The kernel serves the document and pages of its own: Litestar's load scripts from other sites.
        openapi_config=OpenAPIConfig(
            title="Outreach",
            version=__version__,
            path="/api/v1/unused-schema",
            render_plugins=[JsonRenderPlugin()],
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1000, exclude=["/calendars/", "/reports/", r"\.zip$"]
        ),
        request_max_body_size=25_000_000,
        logging_config=None,  # ours: outreach.web.observing
    )


async def _work(app: Litestar) -> None:
    from outreach.work import run_work

    await run_work(app.state.clock, app.state.settings)


def _keep_for_ever(response: Any) -> Any:
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _kernel_routes() -> list[Any]:
    from outreach.web.kernel import ROUTES

    return list(ROUTES)
