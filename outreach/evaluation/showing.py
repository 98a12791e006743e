"""What pages of evaluation show, in the language of the request."""

from typing import Any

from outreach.attendance.opinions.wording import change_words
from outreach.counting.drawings import programme_lines
from outreach.evaluation import wording
from outreach.evaluation.domain.scores import LEAST_BOOKINGS, LEAST_COSTED, LEAST_OPINIONS, LEAST_REVIEWS
from outreach.evaluation.scorecard import ProgrammeScore, Scorecard
from outreach.events.domain.ratings import PRIOR_ANSWERS
from outreach.shared.i18n import gettext as _

__all__ = ["details", "shown"]


def shown(card: Scorecard) -> dict[str, Any]:
    """What pages with the whole scorecard use."""
    return {
        "card": card,
        "news": wording.scorecard_news(card) if card.items else "",
        "dimensions": wording.dimensions,
        "dimension_names": [_(name) for name in wording.DIMENSIONS.values()],
        "verdict_text": wording.verdict_text,
        "least": {
            "bookings": LEAST_BOOKINGS,
            "reviews": LEAST_REVIEWS,
            "opinions": LEAST_OPINIONS,
            "costed": LEAST_COSTED,
            "prior": PRIOR_ANSWERS,
        },
    }


def details(card: Scorecard, one: ProgrammeScore) -> dict[str, Any]:
    """What pages with one programme use."""
    return {
        **shown(card),
        "lede": wording.headline(one),
        "lines": programme_lines((one.progress,), links=False),
        "questions": wording.question_words(),
        "changes": change_words(),
        "wanted": wording.wishes_of(one),
    }
