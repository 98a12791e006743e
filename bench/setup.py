"""``make setup`` in a fresh copy of the tree: time and size, beside making an empty environment."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.support import Row, home_folder

__all__ = ["measure"]

ROOT = Path(__file__).parents[1]


def measure() -> list[Row]:
    with home_folder() as folder:
        copy = folder / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", "data", ".git", "__pycache__", ".*_cache"))
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", str(folder / "empty")], check=True)
        empty = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run(["make", "--silent", "setup"], cwd=copy, check=True, stdout=sys.stderr)
        seconds = time.perf_counter() - began
        size = sum(f.stat().st_blocks * 512 for f in (copy / ".venv").rglob("*") if f.is_file() and not f.is_symlink())
    megabytes = size / 1e6
    return [
        Row(
            "make setup",
            f"{seconds:.0f} s",
            f"an empty environment {empty:.1f} s",
            seconds / empty,
            "≤ 90 s",
            seconds <= 90,
        ),
        Row("size of .venv", f"{megabytes:.0f} MB", "", None, "≤ 400 MB", megabytes <= 400),
    ]
