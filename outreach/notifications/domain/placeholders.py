"""Places in an organiser's own words that are filled from the facts: ``{what}``, ``{when}``, ``{link}``. Pure.

Nothing else is understood: no formats, no attributes, no calls. A fixed list for each kind, made from what the shipped
sentence of the kind says.
"""

import re
from collections.abc import Collection, Mapping

from outreach.shared.errors import FieldProblem

__all__ = ["ORDER", "fill", "placeholder_problems", "places_in"]

#: Every name there is, in the order in which a page explains them.
ORDER = (
    "what",
    "when",
    "where",
    "who",
    "seats",
    "before",
    "until",
    "reason",
    "visits",
    "reported",
    "count",
    "oldest",
    "summary",
    "link",
)

_PLACE = re.compile(r"\{([^{}\n]*)\}")
_BRACES = re.compile(r"[{}｛｝]")


def places_in(text: str) -> list[str]:
    """The names between braces, in their order."""
    return _PLACE.findall(text)


def placeholder_problems(field: str, text: str, known: Collection[str]) -> list[FieldProblem]:
    """What keeps ``text`` from being filled: a name that is not among ``known``, or a brace without its partner."""
    shown = [f"{{{name}}}" for name in ORDER if name in known]
    for name in places_in(text):
        if name not in known:
            return [FieldProblem(field, "unknown-placeholder", {"name": f"{{{name}}}", "known": shown})]
    if found := _BRACES.search(_PLACE.sub("", text)):
        return [FieldProblem(field, "broken-placeholder", {"brace": found.group(), "known": shown})]
    return []


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with every place filled; a line that has places and none of them has a value is left out.

    A name that ``values`` does not know is empty. What is filled in is never looked at again: a reason that holds
    braces stays as it is.
    """
    lines = []
    for line in text.splitlines():
        names = places_in(line)
        if names and not any(values.get(name) for name in names):
            continue
        lines.append(_PLACE.sub(lambda found: values.get(found.group(1), ""), line).rstrip())
    return "\n".join(lines).strip()
