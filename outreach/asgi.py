"""What the server loads: ``outreach.asgi:application``, made from the environment's settings in each worker."""

import gc
import os

from litestar.types import ASGIApp

from outreach.app import create_app
from outreach.settings import load_settings
from outreach.web.observing import ObservingMiddleware, configure_logging
from outreach.web.security import SecurityHeadersMiddleware

__all__ = ["WITHOUT_WORK", "application"]

#: Set by ``outreach serve --no-work`` for its workers; not a setting, so without the prefix of settings.
WITHOUT_WORK = "_OUTREACH_SERVE_WITHOUT_WORK"


def application() -> ASGIApp:
    """The application with what stands outside of routing: log line, metrics, security headers."""
    settings = load_settings()
    configure_logging(settings.log_format)
    # What is loaded now stays for good. Collections would walk it: several while it is loaded, and later one of 100 ms
    # in the middle of somebody's request.
    gc.disable()
    try:
        app = create_app(settings, work=WITHOUT_WORK not in os.environ)
    finally:
        gc.freeze()
        gc.enable()
    return ObservingMiddleware(SecurityHeadersMiddleware(app))
