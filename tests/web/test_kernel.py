"""Routes of the kernel."""

import httpx


async def test_a_live_and_ready_server_says_ok(client: httpx.AsyncClient) -> None:
    health, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (health.status_code, health.text) == (200, "ok\n")
    assert (ready.status_code, ready.text) == (200, "ok\n")


async def test_an_unknown_address_answers_404_as_problem_or_page(client: httpx.AsyncClient) -> None:
    problem = await client.get("/api/v1/nothing-here")
    page = await client.get("/nothing-here", headers={"Accept": "text/html"})

    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "/problems/not-found"
    assert page.status_code == 404
    assert "没有找到" in page.text
