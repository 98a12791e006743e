"""Reading pages as a person's browser does."""

import re

import httpx


def form_token(html: str) -> str:
    """The CSRF token of the first form on a page."""
    found = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', html)
    assert found is not None, "the page has no form"
    return found[1]


async def post_form(
    browser: httpx.AsyncClient, path: str, data: dict[str, object], *, page: str | None = None
) -> httpx.Response:
    """Open ``page`` (default: ``path``) for its token, then send the form."""
    opened = await browser.get(page or path)
    return await browser.post(path, data={**data, "_csrf_token": form_token(opened.text)})
