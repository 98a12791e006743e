"""Logs and metrics: one line and one count a request, by route, never by address (it may hold a secret)."""

import logging
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

__all__ = ["ObservingMiddleware", "configure_logging", "metrics_text"]

REGISTRY = CollectorRegistry()
REQUESTS = Counter("outreach_http_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "outreach_http_request_seconds",
    "Time until the answer was sent.",
    ["route"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)

log = structlog.get_logger("outreach.http")


def configure_logging(log_format: str) -> None:
    """Text for people, JSON for collectors; both to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("weasyprint", "fontTools", "httpx", "_granian"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class ObservingMiddleware:
    """Counts and logs each request under its route's pattern."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = str(scope["method"])
        status = 500

        async def send_noting_status(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            route = scope.get("path_template") or "unmatched"
            seconds = time.perf_counter() - began
            REQUESTS.labels(method, route, str(status)).inc()
            SECONDS.labels(route).observe(seconds)
            if not route.startswith(("/static", "/healthz", "/readyz", "/metrics")):
                log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def metrics_text() -> bytes:
    """All metrics of this process in Prometheus text format."""
    return generate_latest(REGISTRY)
