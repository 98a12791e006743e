"""Counting refuses nothing of its own: a bad day or an unknown programme is said by the features below."""

from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}
FIELDS: dict[str, str] = {}
