"""Pages of own words."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.notifications.domain.topics import ESSENTIAL, TOPIC_OF
from outreach.notifications.hooks.queries import Office, offices_of
from outreach.notifications.hooks.wording import TOPIC_WORDS, kind_words
from outreach.notifications.languages import in_language
from outreach.notifications.own_words import OwnWords, draft_of, places_of
from outreach.notifications.wording import KINDS
from outreach.notifications.wordings.commands import check_words, keep_words, reset_words
from outreach.notifications.wordings.forms import ResetForm, WordingForm, wording_order
from outreach.notifications.wordings.queries import wordings_seen_by
from outreach.notifications.wordings.samples import MEANINGS, sample_facts
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PATH = "/desk/wordings"
LANGUAGES = (("zh_CN", "中文"), ("en", "English"))

#: Everything that somebody gets by mail; the question for an address must stay as it is.
OFFERED = tuple(kind for kind in TOPIC_OF if kind in KINDS)


def _chosen(offices: list[Office], asked: str) -> Office:
    """The office asked for, else the highest.

    Raises:
        NotFoundError: the actor runs none, or not that one.
    """
    found = [one for one in offices if not asked or str(one.id) == asked]
    if not found:
        raise NotFoundError
    return found[0]


@get(PATH, opt=STAFF, include_in_schema=False)
async def wordings_page(
    request: AnyRequest, actor: NamedDependency[Actor], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Every kind of message, and whose words it has."""
    offices = await offices_of(actor)
    if not offices and not organisation:
        return back_to("/desk/organisations/new", saying=_("通知是单位发的，请先新建工会组织。"))
    office = _chosen(offices, organisation)
    seen = await wordings_seen_by(office.id)
    groups = [
        (_(words), [(kind, kind_words(kind), seen.get((kind, "zh_CN")), seen.get((kind, "en"))) for kind in kinds])
        for topic, words in TOPIC_WORDS.items()
        if (kinds := [kind for kind in OFFERED if TOPIC_OF[kind] is topic])
    ]
    return page(
        request,
        "notifications/wordings.html",
        offices=[(one.id, one.name) for one in offices],
        office=office,
        groups=groups,
        own=sum(one.is_own for one in seen.values()),
    )


@get(PATH + "/{kind:str}", opt=STAFF, include_in_schema=False)
async def wording_page(
    request: AnyRequest,
    kind: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    organisation: FromQuery[str] = "",
    language: FromQuery[str] = "zh_CN",
) -> Response[Any]:
    """The words of one kind, shipped and own."""
    return await _page(request, actor, now, settings, kind, organisation, language)


@post(PATH + "/{kind:str}", opt=STAFF, include_in_schema=False, status_code=200)
async def keep(
    request: AnyRequest,
    kind: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Keep own words, or only look at them (``preview``)."""
    values = await read_form(request)
    looking = values.pop("preview", None) is not None
    place = (str(values.get("organisation_id", "")), str(values.get("language", "")))
    try:
        data = parse_form(WordingForm, values)
        if looking:
            check_words(kind, data.subject, data.body)
            return await _page(request, actor, now, settings, kind, *place, form=FormState(values), looking=True)
        await keep_words(actor, now, kind, data)
    except InvalidError as error:
        form = FormState.refused(values, error, wording_order())
        return await _page(request, actor, now, settings, kind, *place, form=form, status=422)
    except StaleError as error:
        return await _page(
            request, actor, now, settings, kind, *place, form=FormState(values), refusal=message_of(error), status=409
        )
    return back_to(_href(kind, *place), saying=_("已保存。以后的通知就这样写。"))


@post(PATH + "/{kind:str}/reset", opt=STAFF, include_in_schema=False, status_code=200)
async def reset(
    request: AnyRequest, kind: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Back to the shipped words."""
    data = parse_form(ResetForm, await read_form(request))
    await reset_words(actor, now, kind, organisation_id=data.organisation_id, language=data.language)
    return back_to(_href(kind, data.organisation_id, data.language), saying=_("已改回原来的写法。"))


def _href(kind: str, organisation: str, language: str) -> str:
    return f"{PATH}/{kind}?organisation={organisation}&language={language}"


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    settings: Settings,
    kind: str,
    organisation: str,
    language: str,
    *,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    looking: bool = False,
    status: int = 200,
) -> Response[Any]:
    if kind not in OFFERED or language not in dict(LANGUAGES):
        raise NotFoundError
    office = _chosen(await offices_of(actor), organisation)
    applying = (await wordings_seen_by(office.id)).get((kind, language))
    with in_language(language):
        draft, facts = draft_of(kind), sample_facts(now, settings.base_url, kind)
    own = applying if applying is not None and applying.is_own else None
    begin = (applying.subject, applying.body) if applying else draft
    form = form or FormState({"subject": begin[0], "body": begin[1], "revision": own.revision if own else 0})
    words = {"subject": str(form.values.get("subject", "")), "body": str(form.values.get("body", ""))}
    shown = OwnWords({office.path: {(kind, language): (words["subject"], words["body"])}})
    return page(
        request,
        "notifications/wording.html",
        status=status,
        kind=kind,
        what=kind_words(kind),
        office=office,
        language=language,
        languages=[(words, _href(kind, str(office.id), code), code == language) for code, words in LANGUAGES],
        form=form,
        refusal=refusal,
        own=own,
        applying=applying,
        shipped=OwnWords().words_for("", kind, language, facts),
        preview=None if form.errors else shown.words_for(office.path, kind, language, facts),
        looking=looking,
        places=[(name, _(MEANINGS[name])) for name in places_of(kind)],
        essential=kind in ESSENTIAL,
    )


ROUTES = [wordings_page, wording_page, keep, reset]
