"""What a reader of files does in its own process (``asking``). Imports little: every file starts one."""

import contextlib
import gc
import os
import resource
import signal
import sys

__all__ = ["confine", "tell_progress"]

#: How long a reader that was started ahead waits for its file.
IDLE_SECONDS = 600
#: More than 200,000 rows need; a sheet whose one cell stands at XFD1048576 ends here instead of filling the machine.
MOST_MEMORY = 2 * 1024**3


def confine(*, giving_way: int = 10) -> None:
    """What a reader does first: it gives way to the server, takes little memory, and does not wait for ever.

    Args:
        giving_way: 0 to 19; 0 where somebody waits for a short file.
    """
    signal.alarm(IDLE_SECONDS)  # whoever has its file calls ``signal.alarm(0)``
    os.nice(giving_way)
    gc.disable()  # a million cells without one circle among them
    with contextlib.suppress(ValueError, OSError):  # macOS knows this limit by name only
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell_progress(share: float) -> None:
    """A reader says how far it is, from 0 to 1."""
    sys.stderr.write(f"@{share:.3f}\n")
    sys.stderr.flush()
