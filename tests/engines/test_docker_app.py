"""The app as a person sees it on a host with Docker."""

import re
from collections.abc import Iterator

import pytest

from tests.engines.docker_lab import DockerLab
from tests.engines.terminal import Terminal

GONE = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def boxes(docker_lab: DockerLab) -> Iterator[DockerLab]:
    """Two containers on docker0, and one with a published port on a network of its own."""
    docker_lab.docker("network", "create", "harbour")
    for name, options in (("red", ()), ("green", ()), ("ferry", ("--network", "harbour", "-p", "8081:81"))):
        docker_lab.run(name, *options)
    yield docker_lab
    docker_lab.docker("rm", "-f", "red", "green", "ferry")
    docker_lab.docker("network", "rm", "harbour")


@pytest.fixture
def app(boxes: DockerLab) -> Iterator[Terminal]:
    """The app, opened on the container with the published port."""
    with boxes.app("ferry") as terminal:
        yield terminal


def address(lab: DockerLab, name: str) -> str:
    (eth0,) = lab.ip("-4", "addr", "show", "eth0", container=name)
    (told,) = eth0["addr_info"]
    return f"{told['local']}/{told['prefixlen']}"


def test_every_container_is_on_the_wiring_under_its_bridge(boxes: DockerLab) -> None:
    harbour = f"br-{boxes.docker('network', 'inspect', '-f', '{{.Id}}', 'harbour')[:12]}"
    addresses = {name: address(boxes, name) for name in ("red", "green", "ferry")}
    with boxes.app() as app:
        app.until(lambda: all(app.row(*box) for box in addresses.items()))
        lines = app.lines()
    names = ("docker0", harbour, *addresses)
    rows = {name: next(n for n, line in enumerate(lines) if re.search(f"[▾├└] {name} ", line)) for name in names}
    assert rows["ferry"] == rows[harbour] + 1
    assert {rows["red"], rows["green"]} == {rows["docker0"] + 1, rows["docker0"] + 2}


def test_the_pair_that_was_asked_for_is_open_with_both_its_ends_and_its_ports(boxes: DockerLab, app: Terminal) -> None:
    (eth0,) = boxes.ip("link", "show", "eth0", container="ferry")
    (veth,) = (row["ifname"] for row in boxes.ip("link") if row["ifindex"] == eth0["link_index"])
    app.until(lambda: app.row("ferry", "eth0", "⇄", veth))
    app.until(lambda: any("0.0.0.0:8081" in line and "81/tcp" in line for line in app.lines()))
    app.until(lambda: app.row("forwarding"))


def test_a_containers_routes_are_three_keys_away(boxes: DockerLab, app: Terminal) -> None:
    app.until(lambda: app.row("ferry", address(boxes, "ferry")))
    app.press("\r")
    app.until(lambda: any("[Links]" in line for line in app.lines()))
    app.press("]]")
    (default,) = boxes.ip("route", "show", "default", container="ferry")
    app.until(lambda: app.row("default", default["gateway"], "eth0"))


def test_the_owner_is_told_as_docker_inspect_tells_it(boxes: DockerLab, app: Terminal) -> None:
    app.until(lambda: app.row("ferry", address(boxes, "ferry")))
    app.press("o")
    told = boxes.inspect("ferry")
    # The terminal is read as it is drawn: what stands below comes a moment later.
    app.until(lambda: app.row("image", told["Config"]["Image"]))
    app.until(lambda: app.row("id", told["Id"]))
    app.until(lambda: app.row("state", told["State"]["Status"]))
    app.until(lambda: app.row("networks", "harbour"))
    app.until(lambda: app.row("port", "0.0.0.0:8081", "81/tcp"))
    app.until(lambda: app.row(str(told["State"]["Pid"]), "sleep"))


def test_a_filter_finds_the_container_that_publishes_a_port(boxes: DockerLab) -> None:
    with boxes.app() as app:
        app.press("3")
        app.until(lambda: app.row("ferry"))
        app.press("/port:8081\r")
        app.until(lambda: any("filter: port:8081 (1 of" in line for line in app.lines()))
        app.until(lambda: app.row("ferry") and not app.row("red"))


def test_a_new_container_comes_and_a_removed_one_is_marked_and_goes(boxes: DockerLab, app: Terminal) -> None:
    app.until(lambda: app.row("ferry", address(boxes, "ferry")))
    boxes.run("blue")
    shown = address(boxes, "blue")
    app.until(lambda: app.row("blue", shown), 3)
    boxes.docker("rm", "-f", "blue")
    app.until(lambda: not (row := app.row("blue", shown)) or GONE in row[:4], 3)
    app.until(lambda: app.row("blue", shown) is None)
