"""Every string that people see has its English, and the catalogue has no others."""

import ast
import re
import sys
from pathlib import Path

from outreach.accounts.wording import action_text, field_text
from outreach.app import FEATURES
from outreach.bookings.domain.states import BookingState
from outreach.bookings.forms import ChangeForm
from outreach.bookings.orders.domain.drafts import OrderDraft
from outreach.bookings.orders.domain.states import OrderState
from outreach.events.domain.drafts import SessionDraft

ROOT = Path(__file__).parents[2]


def test_every_line_of_the_journal_has_words() -> None:
    """An action that nobody named would be shown as the program writes it."""
    named = re.compile(
        r"(absence|attendance|booking|calendar_label|certificate|contact_request|cost|coverage|event|evidence|delivery|guide|headcount|hook|import|letter|letter_template|material|material_application|material_round|message|names|opening|order|"
        r"outside_service|papers|person|private_feed|provider|report|role|session|statistics|tally|tour|travel-time|venue|verdict|wording|year)\.[a-z][a-z_-]+"
    )
    noted = (
        {
            node.value
            for source in (ROOT / "outreach").rglob("*.py")
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.fullmatch(node.value)
        }
        | {f"booking.{state}" for state in (BookingState.CONFIRMED, BookingState.DECLINED, BookingState.CANCELLED)}
        | {f"order.{state}" for state in OrderState if state != "scheduled"}
    ) - set(FEATURES)

    assert {action for action in noted if action_text(action) == action} == set()
    assert len(noted) > 20


def test_every_field_that_the_journal_names_has_words() -> None:
    changed = {*SessionDraft.__dataclass_fields__, *OrderDraft.__dataclass_fields__, *ChangeForm.__struct_fields__}
    # They never change, or the journal does not name them.
    changed -= {"event_id", "organisation_id", "revision"}

    assert {name for name in changed if field_text(name) == name} == set()


def test_the_english_catalogue_is_complete_and_up_to_date() -> None:
    """`python scripts/catalogue.py` brings it up to date and lists what is missing."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import catalogue  # type: ignore[import-not-found]  # a script, outside the package
    finally:
        sys.path.pop(0)
    from babel.messages.pofile import read_po

    made, untranslated = catalogue.updated()
    with catalogue.PO.open("rb") as source:
        stored = read_po(source, locale="en")

    assert untranslated == []
    assert {message.id for message in stored} == {message.id for message in made} | {""}
