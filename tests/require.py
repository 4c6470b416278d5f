"""What a test does where the machine lacks something it needs."""

import os

import pytest


def missing(reason: str) -> None:
    """Skip the test and say why, or fail it where NETVIEW_REQUIRE=all forbids skipping."""
    if os.environ.get("NETVIEW_REQUIRE") == "all":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
