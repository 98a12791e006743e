"""Pages and downloads of letters."""

from outreach.letters.pages import templates, writing

ROUTES = [*writing.ROUTES, *templates.ROUTES]
