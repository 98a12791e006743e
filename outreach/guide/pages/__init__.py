"""Pages of the first run."""

from outreach.guide.pages import examples, start, steps

ROUTES = [*start.ROUTES, *steps.ROUTES, *examples.ROUTES]
