"""Scenarios that end with their test."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import IO, Any

import pytest

from tests.lab.running import Run, Running, refusal
from tests.require import missing


@pytest.fixture
def run() -> Iterator[Run]:
    """Start scenarios by name, for a user and with a standard input of choice."""
    with ExitStack() as ended:

        def start(name: str, uid: int | None = None, stdin: int | IO[Any] = subprocess.DEVNULL) -> Running:
            reason = refusal(uid)
            if reason is not None:
                missing(f"the kernel allows no private lab: {reason}")
            return ended.enter_context(closing(Running(name, uid, stdin)))

        yield start
