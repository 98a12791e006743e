"""Every string that people see has its English, and the catalogue has no others."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_english_catalogue_is_complete_and_up_to_date() -> None:
    """`python scripts/catalogue.py` brings it up to date and lists what is missing."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import catalogue
    finally:
        sys.path.pop(0)
    from babel.messages.pofile import read_po

    made, untranslated = catalogue.updated()
    with catalogue.PO.open("rb") as source:
        stored = read_po(source, locale="en")

    assert untranslated == []
    assert {message.id for message in stored} == {message.id for message in made} | {""}
