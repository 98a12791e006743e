"""The application under measurement, with no-op routes beside the real ones as baselines."""

from litestar import get
from litestar.types import ASGIApp

from outreach.app import create_app
from outreach.settings import load_settings

__all__ = ["application"]


@get("/bench/open", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def noop_open() -> str:
    """A no-op handler with everything around it that every request has."""
    return "ok"


@get("/bench/closed", include_in_schema=False, sync_to_thread=False)
def noop_closed() -> str:
    """The same behind a login: the bearer token is looked up."""
    return "ok"


def application() -> ASGIApp:
    """What ``outreach serve`` serves, without its log line."""
    app = create_app(load_settings())
    app.register(noop_open)
    app.register(noop_closed)
    return app
