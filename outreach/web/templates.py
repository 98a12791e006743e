"""Pages: one Jinja environment, one function that answers with a page.

Templates live in ``templates/`` of the checkout and in ``outreach/templates/`` of the installed package.
"""

import hashlib
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Redirect
from markupsafe import Markup

from outreach.shared import i18n
from outreach.shared.actors import Actor, Role
from outreach.shared.time import local_day
from outreach.web.security import csrf_token, set_csrf_cookie
from outreach.web.wording import FILTERS, day_text

__all__ = ["NavItem", "Site", "back_to", "environment", "page", "render", "static_path", "templates_folder"]

FLASH_COOKIE = "outreach_flash"
STATIC = Path(__file__).parent / "static"


class NavItem(NamedTuple):
    """A word in the header's navigation."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    """A row of ``NavItem``, made when a template walks it: not every layout has one."""

    make: Callable[[], list[NavItem]]

    def __iter__(self) -> Iterator[NavItem]:
        return iter(self.make())


@dataclass(frozen=True, slots=True)
class Site:
    """What stands over and under every page."""

    name: str = "工会实事项目"
    tagline: str = "普惠职工实事项目"
    host_line: str = ""
    phone: str = ""


def templates_folder() -> Path:
    """Where the templates are: inside the installed package, else beside it in the checkout."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache
def static_path(name: str) -> str:
    """The address of a static file, with a hash of its content, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


@cache
def stylesheets(*parts: str) -> Markup:
    """The links to these parts of the look, for a page's head."""
    link = Markup('<link rel="stylesheet" href="{}">\n')
    return Markup().join(link.format(static_path(f"css/{part}.css")) for part in parts)


@lru_cache(maxsize=10_000)
def _marked(locale: str, message: str) -> Markup:
    """``locale`` is the current one; our own words are no text to escape."""
    return Markup(i18n.gettext(message))  # noqa: S704


def _gettext(message: str, /, **values: Any) -> Markup:
    """``_`` of templates: ``%(name)s`` is filled by ``values``, escaped. Jinja's own does the same, at many times the
    cost: it looks the function up in the context for every word of a page."""
    text = _marked(i18n.current_locale.get(), message)
    return text % values if "%" in text else text


class _Environment(Environment):
    """Jinja's, with a plain mapping of globals: its own is a chain of two, walked for every page and every include."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Nothing changes the globals once they are installed."""
        return {**self.globals, **d} if d else self.globals


@cache
def environment() -> Environment:
    """The environment of all templates; a missing name is an error, not an empty place.

    Templates are read once, like the code: a changed one is seen after a restart.
    """
    env = _Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(["html", "svg"]),
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext
    )
    env.globals["_"] = _gettext
    for name, function in FILTERS.items():
        env.filters[name] = function
        env.globals[name] = function
    from outreach.web import charts

    env.globals["charts"] = charts
    env.globals["static"] = static_path
    env.globals["stylesheets"] = stylesheets
    return env


def render(name: str, **context: Any) -> str:
    """A template as text, with the locale of the request."""
    return environment().get_template(name).render(locale=i18n.language(), **context)


def _navigation(actor: Actor | None, path: str) -> list[NavItem]:
    _ = i18n.gettext
    if actor is not None and actor.is_staff:
        words = [
            (_("工作台"), "/desk"),
            (_("日历"), "/calendar"),
            (_("场次"), "/desk/sessions"),
            (_("预约"), "/desk/bookings"),
            (_("派单"), "/desk/orders"),
            (_("填报"), "/desk/tallies"),
            (_("报告"), "/desk/reports"),
        ]
    else:
        words = [
            (_("近期"), "/"),
            (_("日历"), "/calendar"),
            (_("菜单"), "/menu"),
            (_("进展"), "/progress"),
            (_("我的"), "/my"),
        ]
        if actor is not None and actor.has(Role.EVALUATOR):
            words[-1] = (_("评估"), "/evaluation")
        elif actor is not None and actor.is_provider and not actor.is_contact:
            words[-1] = (_("我的"), "/duties")
    # The desk and the home page are themselves only: what lies below them has words of its own, or stands at the foot.
    matching = [
        href for _label, href in words if path == href or (href not in ("/", "/desk") and path.startswith(href + "/"))
    ]
    of_sessions = "/desk/sessions" if actor is not None and actor.is_staff else "/"
    others = of_sessions if path.startswith("/sessions") else "/desk/reports" if path.startswith("/desk/years") else ""
    current = max(matching, key=len, default=others)
    return [NavItem(label, href, href == current) for label, href in words]


def _foot(actor: Actor | None) -> list[NavItem]:
    """The header holds seven words at most; what is done once a season stands at the foot."""
    _ = i18n.gettext
    return [
        *([NavItem(_("管理"), "/desk/manage")] if actor is not None and actor.is_staff else []),
        NavItem(_("订阅日历"), "/subscribe"),
        NavItem(_("数字怎样算出来"), "/how-counted"),
    ]


def base_context(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What every page may use."""
    actor: Actor | None = request.scope.get("user")
    state = request.app.state
    now = state.clock.now()
    path = request.scope["path"]
    language = i18n.language()
    other = "English" if language == "zh" else "中文"
    demo = (
        i18n.gettext("数据是编造的，今天是%(day)s") % {"day": day_text(local_day(now), language)}
        if state.clock.is_moved
        else None
    )
    return {
        "site": state.site,
        "actor": actor,
        "nav": _Words(lambda: _navigation(actor, path)),
        "foot": _Words(lambda: _foot(actor)),
        "other_language": NavItem(other, _other_language(request, language)),
        "demo_today": demo,
        "path": path,
        "now": now,
        "csrf_token": lambda: csrf_token(request),
        "flash": unquote(request.cookies[FLASH_COOKIE]) if FLASH_COOKIE in request.cookies else None,
        "base_url": state.settings.base_url,
    }


def _other_language(request: Request[Any, Any, Any], language: str) -> str:
    return f"/language?to={'en' if language == 'zh' else 'zh'}&next={quote(request.scope['path'])}"


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """Answer with a page. Pages are private by default: what a person sees is never kept by a proxy."""
    body = render(template, **{**base_context(request), "status": status, **context})
    response = Response(
        body,
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Cache-Control": "private, no-store", "Vary": "Cookie, Accept-Language", **(headers or {})},
    )
    set_csrf_cookie(request, response)
    if FLASH_COOKIE in request.cookies:
        response.delete_cookie(FLASH_COOKIE)
    return response


def back_to(path: str, *, saying: str = "") -> Redirect:
    """Redirect after a successful POST; ``saying`` is shown once as a toast on the next page."""
    response = Redirect(path, status_code=303)
    if saying:
        response.set_cookie(
            Cookie(FLASH_COOKIE, value=quote(saying), path="/", max_age=60, httponly=True, samesite="lax")
        )
    return response
