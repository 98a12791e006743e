"""A line of cost as somebody gives it, and what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from outreach.attendance.costs.domain.money import (
    KIND_WORDS,
    MOST_FEN,
    amount_problems,
    fen_of,
    fen_per,
    half_hours_of,
    hours_text,
    yuan_text,
)
from outreach.attendance.costs.domain.private import holds_private_number
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["CostDraft", "draft_of", "line_words", "may_have_costs", "refuse_unless_fits"]

#: A draft is not decided; a cancelled session may owe a fee all the same.
_WITH_COSTS = frozenset({"published", "held", "closed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDraft:
    """One line: ``provider_id`` and ``half_hours`` belong to a fee; ``source`` empty: not said."""

    kind: str
    amount_fen: int
    provider_id: UUID | None = None
    half_hours: int | None = None
    source: str = ""
    note: str = ""


def may_have_costs(state: str) -> bool:
    """Whether a session in that state takes lines."""
    return state in _WITH_COSTS


def draft_of(
    *,
    kind: str,
    amount: str,
    per_hour: str = "",
    hours: str = "",
    provider_id: UUID | None = None,
    source: str = "",
    note: str = "",
) -> CostDraft:
    """The line from what was typed.

    Args:
        amount: yuan; empty where ``per_hour`` and ``hours`` give it.
        per_hour: yuan for each hour of a fee; with an amount of its own both must agree.

    Raises:
        InvalidError: names every bad field.
    """
    problems = [] if kind in KIND_WORDS else [FieldProblem("kind", "not-one-of", {"options": list(KIND_WORDS)})]
    half_hours = half_hours_of(hours) if hours else None
    if hours and half_hours is None:
        problems.append(FieldProblem("hours", "bad-cost-hours"))
    problems += amount_problems("per_hour", per_hour) if per_hour else []
    problems += amount_problems("amount", amount) if amount else []
    rate, fen = fen_of(per_hour) if per_hour else None, fen_of(amount) if amount else None
    if not problems:
        if rate is not None and half_hours is None:
            problems.append(FieldProblem("hours", "hours-for-rate"))
        elif rate is not None and half_hours is not None:
            reckoned = fen_per(rate, half_hours)
            problems += _unlike(reckoned, fen)
            fen = reckoned
        if fen is None and not problems:
            problems.append(FieldProblem("amount", "required"))
    problems += _private(source=source, note=note)
    if problems or fen is None:
        raise InvalidError(problems)
    return CostDraft(
        kind=kind,
        amount_fen=fen,
        provider_id=provider_id,
        half_hours=half_hours,
        source=clean_line(source),
        note=clean_line(note),
    )


def _unlike(reckoned: int, given: int | None) -> list[FieldProblem]:
    if reckoned > MOST_FEN:
        return [FieldProblem("per_hour", "too-large-number", {"most": yuan_text(MOST_FEN)})]
    if given is not None and given != reckoned:
        return [FieldProblem("amount", "amount-differs", {"reckoned": yuan_text(reckoned)})]
    return []


def _private(**texts: str) -> list[FieldProblem]:
    return [FieldProblem(name, "private-number") for name, text in texts.items() if holds_private_number(text)]


def refuse_unless_fits(draft: CostDraft, provider_ids: Collection[UUID], kept: UUID | None = None) -> None:
    """Refuse a line that does not fit its session.

    Args:
        provider_ids: who gives the session.
        kept: whom the stored line named, who may stay.

    Raises:
        InvalidError: names every bad field.
    """
    problems = _private(source=draft.source, note=draft.note)
    if draft.kind != "fee":
        given = {"provider_id": draft.provider_id, "hours": draft.half_hours}
        problems += [FieldProblem(name, "only-of-a-fee") for name, value in given.items() if value is not None]
    elif draft.provider_id is not None and draft.provider_id not in provider_ids and draft.provider_id != kept:
        problems.append(FieldProblem("provider_id", "not-found"))
    if problems:
        raise InvalidError(problems)


def line_words(draft: CostDraft, names: Mapping[UUID, str]) -> list[str]:
    """The line in words for the journal: ``讲课费、演出费``, ``沈若兰``, ``2课时``, ``1,200.50元``, ``本级工会经费``.

    Without the note, which may name anybody.
    """
    name = names.get(draft.provider_id, "") if draft.provider_id else ""
    hours = f"{hours_text(draft.half_hours)}课时" if draft.half_hours else ""
    parts = (KIND_WORDS[draft.kind], name, hours, f"{yuan_text(draft.amount_fen)}元", draft.source)
    return [part for part in parts if part]
