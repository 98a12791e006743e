"""Pages of messages."""

from typing import Any

ROUTES: list[Any] = []
