"""An organisation's own words for messages, in place of the shipped ones: the nearest organisation up the tree decides.

``words_for`` is the one place that says what a letter says. For many letters at once, ``read_own_words`` asks once.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from outreach.notifications.domain.placeholders import ORDER, fill
from outreach.notifications.languages import in_language
from outreach.notifications.subjects import SUBJECTS, subject_of
from outreach.notifications.wording import KINDS, day_of, message_text, moment_of
from outreach.shared import db
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language as spoken
from outreach.web.wording import thousands, when_text

__all__ = ["OwnWords", "draft_of", "places_of", "read_own_words", "values_of", "words_for"]

_LONGEST_SUBJECT = 120

#: Place of the shipped sentence → places that own words may use for it.
_OWN: dict[str, tuple[str, ...]] = {
    "what": ("what", "when", "where"),
    "why": ("reason",),
    "where": ("where",),
    **{name: (name,) for name in ORDER if name not in ("what", "when", "where", "reason", "link")},
}


@cache
def places_of(kind: str) -> tuple[str, ...]:
    """The placeholders that the own words of a kind may use, in the order in which they are explained."""
    shipped = {name for _text, name, _format, _conversion in string.Formatter().parse(KINDS.get(kind, "")) if name}
    allowed = {own for name in shipped for own in _OWN.get(name, ())} | {"link"}
    return tuple(name for name in ORDER if name in allowed)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Everything that organisations have written themselves: path → (kind, language) → (subject, body)."""

    by_path: Mapping[str, Mapping[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)

    def words_for(self, organisation_path: str, kind: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Subject and text of a message.

        Args:
            organisation_path: of the organisation that runs what it is about, or of the receiver's where nobody does;
                ``""``: the shipped words.
            language: ``zh_CN`` or ``en``.
            facts: of the message, with ``link`` (an absolute address) and ``where`` (the place) where they are known.
        """
        with in_language(language):
            own = self._nearest(organisation_path, kind, "en" if language == "en" else "zh_CN")
            if own is not None:
                values = values_of(facts)
                subject, text = " ".join(fill(own[0], values).split()), fill(own[1], values)
                if subject and text:
                    return subject[:_LONGEST_SUBJECT], text
            return subject_of(kind, facts), message_text(kind, facts)

    def _nearest(self, path: str, kind: str, language: str) -> tuple[str, str] | None:
        if not self.by_path:
            return None
        while path.count("/") > 1:
            own = self.by_path.get(path, {}).get((kind, language))
            if own is not None:
                return own
            path = path.rstrip("/").rpartition("/")[0] + "/"
        return None


async def read_own_words() -> OwnWords:
    """What is written now; one statement, whatever is asked of it afterwards."""
    found: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
    for row in await db.rows(
        """SELECT o.path, w.kind, w.language, w.subject, w.body
             FROM notifications_wording w JOIN accounts_organisation o ON o.id = w.organisation"""
    ):
        found.setdefault(row["path"], {})[row["kind"], row["language"]] = (row["subject"], row["body"])
    return OwnWords(found)


async def words_for(organisation_path: str, kind: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of one message; see ``OwnWords.words_for``."""
    return (await read_own_words()).words_for(organisation_path, kind, language, facts)


def values_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """What each placeholder says, in the language spoken now; names without a value are left out."""
    starts_at, ends_at = moment_of(facts.get("starts_at")), moment_of(facts.get("ends_at"))
    before, until = moment_of(facts.get("old_starts_at")), moment_of(facts.get("until"))
    values = {
        "what": str(facts.get("title") or ""),
        "when": when_text(starts_at, ends_at, spoken()) if starts_at else "",
        "where": str(facts.get("where") or ""),
        "who": str(facts.get("organisation") or ""),
        "seats": str(facts.get("seats") or ""),
        "before": when_text(before, None, spoken()) if before and before != starts_at else "",
        "until": when_text(until, None, spoken()) if until else "",
        "reason": str(facts.get("reason") or ""),
        "visits": _number(facts.get("visits")),
        "reported": _number(facts.get("reported")),
        "count": str(facts.get("count") or ""),
        "oldest": day_of(facts.get("oldest")),
        "summary": str(facts.get("summary") or ""),
        "link": str(facts.get("link") or ""),
    }
    return {name: value for name, value in values.items() if value}


def draft_of(kind: str) -> tuple[str, str]:
    """The shipped words of a kind as own words to begin with: what may be missing stands in lines of its own."""
    places = places_of(kind)
    body = _(KINDS[kind])
    for name, own in (
        ("what", "“{what}”"),
        ("why", ""),
        ("who", "{who}"),
        ("count", "{count}"),
        ("oldest", "{oldest}"),
    ):
        body = body.replace(f"{{{name}}}", own)
    for name in ("where", "seats", "before", "until", "visits", "reported"):
        body = body.replace(f"{{{name}}}", "")
    labels = {
        "when": _("时间"),
        "where": _("地点"),
        "seats": _("人数"),
        "before": _("原定"),
        "until": _("最晚"),
        "reason": _("原因"),
        "visits": _("人次"),
        "reported": _("您报的"),
    }
    lines = [
        _("%(label)s：%(message)s") % {"label": labels[name], "message": f"{{{name}}}"}
        for name in labels
        if name in places
    ]
    subject = _(SUBJECTS[kind]) if kind in SUBJECTS else _(KINDS[kind]).split("：")[0].split(":")[0]
    if "what" in places:
        subject = _("%(label)s：%(message)s") % {"label": subject, "message": "{what}"}
    return subject[:_LONGEST_SUBJECT], "\n".join([body.strip(), *lines])


def _number(given: object) -> str:
    return thousands(given) if isinstance(given, int) and not isinstance(given, bool) else ""
