"""What the kernel itself must remember: answers to repeated requests, and tries."""

from piccolo.columns import Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from outreach.shared.columns import MUST


class IdempotencyAnswer(Table, tablename="web_idempotency_answer"):
    """The committed answer to a request that carried an Idempotency-Key; kept 48 hours.

    One row per caller and key: a unique index, raw SQL in the migration.
    """

    caller = Varchar(length=80, **MUST)
    key = Varchar(length=200, **MUST)
    fingerprint = Varchar(length=64, help_text="SHA-256 of method, path and body", **MUST)
    status = Integer(**MUST)
    media_type = Text(**MUST)
    body = Bytea(**MUST)
    created_at = Timestamptz(index=True, **MUST)


class Tries(Table, tablename="web_tries"):
    """How often something guarded was tried in a window, counted in the database so that all processes agree."""

    name = Varchar(length=120, unique=True, help_text="what is guarded and for whom, hashed where personal", **MUST)
    tried = Integer(**MUST)
    window_ends_at = Timestamptz(**MUST)
