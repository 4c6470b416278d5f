"""Real engines, each in a namespace that plays the host."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.engines.docker_lab import TOOLS, DockerLab
from tests.require import missing


@pytest.fixture(scope="session")
def docker_lab() -> Iterator[DockerLab]:
    """Docker without containers; after the last test nothing of it is left."""
    if os.geteuid() != 0:
        missing("dockerd is started by root")
    for tool in TOOLS:
        if shutil.which(tool) is None:
            missing(f"needs the command {tool}")
    lab = DockerLab()
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
    assert lab.left_over() == []
