"""Outside programs that tests need: absent ones are a named skip on a person's machine and a failure in CI."""

import os
import shutil

import pytest


def program(*names: str, package: str) -> str:
    """The path of the first of ``names`` that is installed."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    text = f"{names[0]} is not installed (package {package}); `make test` installs it"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)
