"""Means of marks, and what they are worth when few have answered. Pure."""

from typing import NamedTuple

__all__ = ["PRIOR_ANSWERS", "Rating", "shrunk_mean"]

#: The mean of the programme weighs as much as so many answers.
PRIOR_ANSWERS = 5


class Rating(NamedTuple):
    """What hosts said: ``mean`` of marks from 1 to 5, of so many answers.

    ``shrunk`` is for ranking: the mean drawn towards that of the programme, the more the fewer have answered.
    """

    mean: float
    answers: int
    shrunk: float


def shrunk_mean(mean: float, answers: int, prior: float) -> float:
    """(answers · mean + k · prior) / (answers + k) with k = ``PRIOR_ANSWERS``: one friend is no public.

    Args:
        mean: of the ``answers``; ignored when there are none.
        prior: the mean of all answers of the programme.
    """
    said = mean * answers if answers else 0.0
    return (said + prior * PRIOR_ANSWERS) / (answers + PRIOR_ANSWERS)
