"""Routes that belong to no feature: health, metrics, problem types, API documents, language."""

from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext
from outreach.shared.migrations import pending_migrations
from outreach.web.observing import metrics_text
from outreach.web.problems import problem_phrases
from outreach.web.schema import document
from outreach.web.styleguide import styleguide_context
from outreach.web.templates import page, static_path

__all__ = ["ROUTES"]

PUBLIC = {"public": True}


@get("/healthz", opt=PUBLIC, media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """Liveness: the process answers."""
    return "ok\n"


@get("/readyz", opt=PUBLIC, media_type=MediaType.TEXT, include_in_schema=False)
async def readyz() -> Response[str]:
    """Readiness: the database answers and has every migration."""
    try:
        waiting = await pending_migrations()
    except Exception:
        return Response("database does not answer\n", status_code=503, headers={"Retry-After": "5"})
    if waiting:
        return Response(f"{len(waiting)} migrations are pending\n", status_code=503, headers={"Retry-After": "5"})
    return Response("ok\n")


@get("/metrics", opt=PUBLIC, include_in_schema=False)
async def metrics() -> Response[bytes]:
    """Counters of this process for Prometheus."""
    pool = db.ENGINE.pool
    lines = metrics_text()
    if pool is not None:
        lines += (
            "# HELP outreach_db_connections Connections of the pool.\n# TYPE outreach_db_connections gauge\n"
            f'outreach_db_connections{{state="idle"}} {pool.get_idle_size()}\n'
            f'outreach_db_connections{{state="open"}} {pool.get_size()}\n'
        ).encode()
    return Response(lines, media_type="text/plain; version=0.0.4; charset=utf-8")


@get("/problems/{code:str}", opt=PUBLIC, include_in_schema=False)
async def problem(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """What a problem type means and what to do: every ``type`` of an error answer leads here."""
    words = problem_phrases().get(code)
    if words is None:
        raise NotFoundError
    title, help_text = gettext(words.title), gettext(words.help) if words.help else ""
    return page(request, "errors/problem.html", title=title, help_text=help_text, code=code)


@get("/api/v1/openapi.json", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def openapi_document(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The OpenAPI 3.1 document."""
    return Response(document(request.app), media_type="application/vnd.oai.openapi+json")


@get("/api/v1/docs", opt=PUBLIC, include_in_schema=False)
async def openapi_docs(request: Request[Any, Any, Any]) -> Response[Any]:
    """The same document for people, made on the server: needs no script and no internet."""
    return page(request, "docs/api.html", title=gettext("接口文档"), document=document(request.app))


@get("/styleguide", opt=PUBLIC, include_in_schema=False)
async def styleguide(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every part of the look once, with invented figures."""
    context: dict[str, Any] = styleguide_context()
    return page(request, "styleguide/page.html", **context)


@get("/favicon.ico", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def favicon() -> Redirect:
    """Browsers ask for it whatever the page says."""
    return Redirect(static_path("icon.svg"), status_code=302)


@get("/language", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def choose_language(to: FromQuery[str], next: FromQuery[str] = "/") -> Redirect:
    """Remember the language in a cookie; ``next`` leads back to a page of ours only."""
    parts = urlsplit(next)
    ours = not parts.scheme and not parts.netloc and next.startswith("/") and not next.startswith(("//", "/\\"))
    response = Redirect(next if ours else "/", status_code=303)
    language = "en" if to == "en" else "zh_CN"
    a_year = 31_536_000
    response.set_cookie(
        Cookie("outreach_lang", value=language, path="/", max_age=a_year, httponly=True, samesite="lax")
    )
    return response


ROUTES = [
    healthz,
    readyz,
    metrics,
    problem,
    openapi_document,
    openapi_docs,
    styleguide,
    favicon,
    choose_language,
]
