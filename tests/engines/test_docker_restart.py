"""A real Docker that stands still in the middle of its calls, is killed and starts again, while its containers run on."""

import signal
from collections.abc import Iterator
from functools import partial

import pytest

from tests.engines.docker_lab import TOOLS, DockerLab
from tests.engines.started import started
from tests.engines.terminal import Terminal


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerLab]:
    """One whose containers outlive it."""
    with started(partial(DockerLab, "--live-restore"), TOOLS) as lab:
        lab.run("web")
        yield lab


def visited(app: Terminal) -> None:
    """Another view and back."""
    for key, view in (("3", "[3 Namespaces]"), ("1", "[1 Wiring]")):
        app.press(key)
        app.until(partial(app.shows, view))


def test_the_app_goes_on_and_tells_what_is_true_before_and_after(docker: DockerLab) -> None:
    short = docker.inspect("web")["Id"][:12]
    with docker.app() as app:
        app.until(lambda: app.row("web"))
        docker.signal(signal.SIGSTOP)
        visited(app)
        app.until(lambda: app.shows("docker.sock: no answer within 1.9 s"), 30)
        assert app.row("web")
        visited(app)
        docker.signal(signal.SIGKILL)
        app.until(lambda: app.shows("docker.sock: connection refused"), 30)
        visited(app)
        assert app.row("web") or app.row(short)
        docker.serve()
        docker.docker("rename", "web", "shop")
        app.until(lambda: app.row("shop") and not app.shows("docker.sock"), 30)
        docker.run("later")
        app.until(lambda: app.row("later"))
