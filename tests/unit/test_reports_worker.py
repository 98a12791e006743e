"""The process that renders: what it may fetch, and that it never outlives the one that asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from outreach.reports.rendering import font_files
from outreach.reports.worker import Job

PARENT = """
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import getpid
from outreach.reports.worker import prepare

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=prepare)
    print(pool.submit(getpid).result(), flush=True)
    time.sleep(60)
"""


def test_it_leaves_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        nice = psutil.Process(pid).nice()
        parent.send_signal(signal.SIGKILL)
        parent.wait()

    assert nice >= 10
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the renderer is still there")


def test_a_document_fetches_nothing_but_its_fonts() -> None:
    """In a process of its own, since WeasyPrint must not be loaded into this one."""
    job = Job((("<img src='file:///etc/hostname'><img src='http://127.0.0.1:9/x.png'><p>堃</p>", None),), font_files())
    code = f"""
import logging
from outreach.reports.worker import Job, render
logging.getLogger("weasyprint").addHandler(logging.StreamHandler())
assert render({job!r}).startswith(b"%PDF")
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("disallowed protocol") == 2
