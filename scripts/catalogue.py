"""Bring the English catalogue up to the source: new strings are added empty, gone ones leave.

usage: python scripts/catalogue.py     updates outreach/locale/en/LC_MESSAGES/outreach.po, lists what is untranslated
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PO = ROOT / "outreach" / "locale" / "en" / "LC_MESSAGES" / "outreach.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "phrase": None}
JINJA = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def extracted() -> Catalog:
    """Every marked string of the source and the templates, with the places where it stands."""
    found = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for folder, mapping, options in (
        ("outreach", [("**.py", "python")], {}),
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")], {"**.html": JINJA, "**.txt": JINJA}),
    ):
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / folder, mapping, options, keywords=KEYWORDS, strip_comment_tags=True
        ):
            # The file is enough: line numbers would change the catalogue with every edit.
            found.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return found


def updated() -> tuple[Catalog, list[str]]:
    """The catalogue as it should be, and the strings that have no English yet."""
    old = Catalog(locale="en")
    if PO.exists():
        with PO.open("rb") as source:
            old = read_po(source, locale="en")
    made = Catalog(
        locale="en", project="outreach", charset="utf-8", fuzzy=False, header_comment="# English for outreach."
    )
    untranslated = []
    for message in extracted():
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        places = sorted(set(message.locations))
        made.add(message.id, known.string if known else None, places, message.flags, context=message.context)
        if known is None or not (all(known.string) if isinstance(known.string, tuple) else known.string):
            untranslated.append(message.id[0] if isinstance(message.id, tuple) else message.id)
    return made, untranslated


def main() -> int:
    made, untranslated = updated()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as target:
        write_po(target, made, width=0, sort_output=True, omit_header=True, include_lineno=False)
    for text in untranslated:
        print(text)
    print(f"{len(untranslated)} of {len(made)} strings have no English", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
