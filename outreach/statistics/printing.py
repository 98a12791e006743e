"""A filled table on paper, in the form's own layout, with a line to be signed by hand. Documents are Chinese."""

from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.statistics.domain.forms import pieces
from outreach.statistics.domain.states import TableState
from outreach.statistics.filled import Filled
from outreach.statistics.wording import value_text
from outreach.web.templates import render

__all__ = ["table_html"]


def table_html(filled: Filled) -> str:
    """The table as HTML for a document (GB/T 9704 page).

    A table that is not locked says so. Corrected values are marked; both values, day and reason stand at the end, and
    doubtful places of the form in footnotes.
    """
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        return render(
            "statistics/paper.html",
            t=filled.row,
            filled=filled,
            form=filled.form,
            corrected=filled.corrected,
            pieces=pieces,
            value_text=value_text,
            locked=filled.row.state is TableState.LOCKED,
        )
    finally:
        current_locale.reset(locale)
