"""Real engines, each in a namespace that plays the host."""

from collections.abc import Iterator

import pytest

from tests.engines.docker_lab import TOOLS, DockerLab
from tests.engines.started import started


@pytest.fixture(scope="session")
def docker_lab() -> Iterator[DockerLab]:
    """Docker without containers; after the last test nothing of it is left."""
    with started(DockerLab, TOOLS) as lab:
        yield lab
