"""Scenarios that end with their test."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.lab.running import Run, Running


@pytest.fixture
def run() -> Iterator[Run]:
    """Start scenarios by name, for a user and with a standard input of choice."""
    with ExitStack() as ended:
        yield lambda *arguments, **options: ended.enter_context(closing(Running(*arguments, **options)))
