"""Hashing of passwords: slow on purpose, so never on the event loop and never many at once."""

from functools import cache

import anyio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from outreach.accounts.domain.passwords import normal_password

__all__ = ["check_password", "hash_password"]

# argon2id with the library's own cost: 64 MiB and about 60 ms each. Two at once keep memory and both cores in bounds.
_HASHER = PasswordHash((Argon2Hasher(),))
_LIMITER = anyio.CapacityLimiter(2)


async def hash_password(password: str) -> str:
    """What is stored instead of ``password``."""
    return await anyio.to_thread.run_sync(_HASHER.hash, normal_password(password), limiter=_LIMITER)


async def check_password(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one stored.

    Takes the same time when nothing is stored, so that an answer does not tell whether somebody is known.
    """
    return await anyio.to_thread.run_sync(_check, normal_password(password), stored, limiter=_LIMITER)


def _check(password: str, stored: str | None) -> bool:
    right = _HASHER.verify(password, stored or _nobodys())
    return right and stored is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's password")
