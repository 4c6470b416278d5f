"""What netview leaves alone on a host with containers: nothing is executed in them, nothing written, no secret opened."""

import compileall
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

import netview
from netview.kernel import envoy_child, expendable_child
from tests.engines.docker_lab import DockerLab
from tests.engines.strace import Call, calls, traced
from tests.engines.terminal import Terminal
from tests.require import missing

NETVIEW = (sys.executable, "-m", "netview")
HELPERS = [[sys.executable, "-I", "-S", str(helper.__file__)] for helper in (expendable_child, envoy_child)]
BAITS = {
    "HOME": (".docker/config.json", ".kube/config", ".config/containers/auth.json", ".ssh/id_rsa", ".netrc", ".aws/credentials"),
    "DOCKER_CONFIG": ("config.json",),
    "XDG_RUNTIME_DIR": ("containers/auth.json",),
    "DOCKER_CERT_PATH": ("key.pem",),
}
VISITS = (
    ("2", "[2 Interfaces]"),
    ("4", "[4 Routes]"),
    ("5", "[5 Bridges and FDB]"),
    ("6", "[6 Events]"),
    ("7", "[7 Path]"),
    ("8", "[8 Doctor]"),
    ("0", "[0 Map]"),
    ("1", "[1 Wiring]"),
    ("3", "[3 Namespaces]"),
    ("/web\r", "filter: web (1 of"),
    ("o", "nameserver"),
    ("q", "[3 Namespaces]"),
    ("\r", "[Links]"),
    ("q", "[3 Namespaces]"),
)
"""What is pressed in the app, and what is seen then."""
_ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount"
_SECRET = re.compile(r"/(?:\.docker|\.kube|\.ssh|\.aws|secrets)/|(?:auth\.json|token|shadow|\.netrc|credentials|\.pem|\.key)$")
_BUNDLE = re.compile(r"/[0-9a-f]{64}/config\.json$")


@pytest.fixture(scope="module")
def boxes(docker_lab: DockerLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerLab]:
    """Two containers, one of them with a token of a service account and something to look at."""
    token = tmp_path_factory.mktemp("token")
    (token / "token").write_text("secret\n")
    docker_lab.run("web", "-v", f"{token}:{_ACCOUNT}:ro", "-p", "8085:80", command=("httpd", "-f", "-p", "80"))
    docker_lab.run("plain")
    yield docker_lab
    docker_lab.docker("rm", "-f", "web", "plain")


@pytest.fixture(scope="module")
def environment(boxes: DockerLab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One that leads to credentials of every kind."""
    if shutil.which("strace") is None:
        missing("needs the command strace")
    # Python writes down what it compiled, once.
    assert compileall.compile_dir(str(Path(netview.__file__).parent), quiet=1)
    bait = tmp_path_factory.mktemp("bait")
    folders = {name: bait / name for name in BAITS}
    for name, files in BAITS.items():
        for file in files:
            path = folders[name] / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('{"auths": {"registry.example": {"auth": "c2VjcmV0"}}}')
    more = {
        "KUBECONFIG": f"{folders['HOME']}/.kube/config",
        "REGISTRY_AUTH_FILE": f"{folders['XDG_RUNTIME_DIR']}/containers/auth.json",
    }
    return boxes.environment | {name: str(folder) for name, folder in folders.items()} | more


def check(told: Sequence[Call], state: Path | None = None) -> None:
    """What holds of every call."""
    first, *others = [call for call in told if call.name in {"execve", "execveat"}]
    assert first.words[:3] == list(NETVIEW)
    assert [call.words[:-1] for call in others if call.words[:-1] not in HELPERS] == []
    written = [call for call in told if call.writes and call.path != "/dev/null"]
    assert [call for call in written if state is None or not call.path.startswith(f"{state}/")] == []
    opened = [call.path for call in told if call.opens]
    assert [path for path in opened if _SECRET.search(path)] == []
    assert [path for path in opened if path.endswith("config.json") and not _BUNDLE.search(path)] == []
    assert all("AF_UNIX" in call.arguments for call in told if call.name == "connect")
    check_entered(told)


def check_entered(told: Sequence[Call]) -> None:
    """Nobody is born anywhere but at home, and nothing but network namespaces is entered."""
    inside: dict[int, str] = {}
    homes = {call.process: call.enters for call in told if call.enters}
    for call in told:
        if call.enters:
            assert "CLONE_NEWNET" in call.arguments
            inside[call.process] = call.enters
        # The last that a thread enters is its home.
        assert not call.bears or inside.get(call.process) in (None, homes.get(call.process))


@pytest.mark.usefixtures("environment")
def test_one_that_leaves_traces_is_caught(tmp_path: Path) -> None:
    """The measure itself: what a shell does is told."""
    script = "echo > new; mkdir folder; mv new folder/old; rm folder/old; cat .docker/config.json; ls"
    argv = traced(["sh", "-c", script], tmp_path / "told")
    subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})
    told = list(calls(tmp_path / "told"))
    assert {"new", "folder", "old"} <= {Path(call.path).name for call in told if call.writes}
    assert {"sh", "mkdir", "mv", "rm", "cat", "ls"} <= {call.words[0] for call in told if call.name == "execve"}
    assert any(_SECRET.search(call.path) for call in told if call.opens)
    assert any(call.bears for call in told)


@pytest.mark.parametrize(
    "words",
    [
        ("snapshot", "--facts", "--sockets", "-o", "json"),
        ("snapshot", "--backend", "pyroute2"),
        ("which", "web"),
        ("path", "web", "plain"),
        ("doctor",),
    ],
)
def test_a_look_leaves_everything_alone(
    boxes: DockerLab, environment: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    argv = boxes.inside(traced([*NETVIEW, *words], tmp_path / "told"))
    done = subprocess.run(argv, env=environment, check=False, capture_output=True, text=True, timeout=60)
    # 1 and 3: a path that does not get through or that nobody can tell of, and something that the doctor found.
    assert done.returncode in {0, 1, 3}, done.stderr
    assert done.stdout
    told = list(calls(tmp_path / "told"))
    assert len({call.enters for call in told if call.enters}) > 2
    assert "--facts" not in words or any(HELPERS[0] == call.words[:-1] for call in told if call.name == "execve")
    check(told)


def test_the_app_leaves_everything_alone_but_what_it_remembers(
    boxes: DockerLab, environment: dict[str, str], tmp_path: Path
) -> None:
    with Terminal(boxes.inside(traced(NETVIEW, tmp_path / "told")), environment) as app:
        app.until(lambda: app.row("web") and app.row("plain"), 60)
        for keys, shown in VISITS:
            app.press(keys)
            app.until(partial(app.shows, shown), 60)
        assert app.leave(60) == 0
        told = list(calls(tmp_path / "told"))
        check(told, app.home)
        assert [call.path for call in told if call.writes and call.path.endswith("/netview")] == [f"{app.home}/netview"]
