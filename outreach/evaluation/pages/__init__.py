"""Pages of evaluation: the organiser's scorecard, and the workspace of evaluators."""

from outreach.evaluation.pages import downloads, scorecard, workspace

__all__ = ["ROUTES"]

ROUTES = [*scorecard.ROUTES, *workspace.ROUTES, *downloads.ROUTES]
