"""The drawings, read by the programs that draw them."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from netview.export import dot, mermaid, svg
from netview.model import Snapshot
from tests.factories import HOSTILE, docker_snapshot
from tests.require import missing

MERMAID = Path(__file__).parent / "mermaid"
HOSTILE_SEEN = r"e\x1b[2J[/red]\u202eb"
Lines = Callable[[Snapshot], Iterator[str]]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed")
    return found or name


def _graphviz(text: str) -> ET.Element:
    drawn = subprocess.run([_program("dot"), "-Tsvg"], input=text, capture_output=True, text=True, check=True, timeout=60)
    assert drawn.stderr == ""
    return ET.fromstring(drawn.stdout)  # noqa: S314 - made here


def _texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_graphviz_draws_every_namespace_link_and_wire() -> None:
    root = _graphviz("\n".join(dot.lines(docker_snapshot())))
    texts = _texts(root)
    assert {"host", "nginx-1", "nginx-2", "docker0 · bridge", "172.17.0.1/16", "remote 192.0.2.8"} <= set(texts)
    classes = [element.get("class") for element in root.iter("{http://www.w3.org/2000/svg}g")]
    assert (classes.count("cluster"), classes.count("edge")) == (4, 6)


def test_graphviz_takes_hostile_names_for_names() -> None:
    texts = _texts(_graphviz("\n".join(dot.lines(docker_snapshot(hostile=True)))))
    assert HOSTILE_SEEN in texts
    assert f"{HOSTILE_SEEN} · veth" in texts


def test_mermaids_own_parser_reads_every_box_and_edge() -> None:
    graph = _parsed("\n".join(mermaid.lines(docker_snapshot())))
    assert [group["title"] for group in graph["groups"]] == [
        "host",
        "1-qij8tlp3w5<br>netns",
        "nginx-1<br>docker",
        "nginx-2<br>docker",
    ]
    assert len(graph["edges"]) == 6
    assert sum(edge["stroke"] == "thick" for edge in graph["edges"]) == 2
    assert "docker0 · bridge<br>172.17.0.1/16" in [vertex["text"] for vertex in graph["vertices"]]


def test_mermaids_own_parser_takes_hostile_names_for_text() -> None:
    graph = _parsed("\n".join(mermaid.lines(docker_snapshot(hostile=True))))
    assert (len(graph["groups"]), len(graph["vertices"]), len(graph["edges"])) == (4, 9, 6)


def test_the_svg_shows_every_namespace_link_and_wire_and_asks_nothing_of_the_outside() -> None:
    text = "\n".join(svg.lines(docker_snapshot()))
    root = ET.fromstring(text)  # noqa: S314 - made here
    assert {"host", "nginx-1", "nginx-2", "docker0 · bridge", "172.17.0.1/16", "remote 192.0.2.8"} <= set(_texts(root))
    paths = [element.get("class") for element in root.iter("{http://www.w3.org/2000/svg}path")]
    assert sorted(map(str, paths)) == ["remote", "wire", "wire"]
    assert text.count("http") == 1  # The name of the SVG language itself.
    assert "url(" not in text


def test_no_two_links_of_the_svg_lie_on_each_other_and_all_lie_within() -> None:
    root = ET.fromstring("\n".join(svg.lines(docker_snapshot())))  # noqa: S314 - made here
    places = [
        tuple(int(element.get(name, "")) for name in ("x", "y", "width", "height"))
        for element in root.iter("{http://www.w3.org/2000/svg}rect")
        if element.get("class")
    ]
    assert len(places) == 9
    for number, (x, y, width, height) in enumerate(places):
        assert x + width <= int(root.get("width", ""))
        assert y + height <= int(root.get("height", ""))
        assert all(x2 >= x + width or x2 + w2 <= x or y2 >= y + height or y2 + h2 <= y for x2, y2, w2, h2 in places[number + 1 :])


@pytest.mark.parametrize("lines", [dot.lines, mermaid.lines, svg.lines])
def test_no_drawing_holds_a_control_character(lines: Lines) -> None:
    text = "".join(lines(docker_snapshot(hostile=True)))
    assert HOSTILE not in text
    assert text.isprintable()


def test_a_browser_draws_the_svg(tmp_path: Path) -> None:
    (tmp_path / "drawing.svg").write_text("\n".join(svg.lines(docker_snapshot())))
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
    browser = [_program("chromium"), *flags.split(), "--disable-sync", f"--user-data-dir={tmp_path}/profile"]
    picture = tmp_path / "drawing.png"
    subprocess.run(
        [*browser, "--window-size=1000,700", f"--screenshot={picture}", f"file://{tmp_path}/drawing.svg"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    image = pytest.importorskip("PIL.Image").open(picture).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 24)}
    assert {(0xDD, 0xF4, 0xFF), (0xF6, 0xF8, 0xFA), (0x09, 0x69, 0xDA)} <= colours  # Bridge, port, wire.


def _parsed(text: str) -> dict[str, list[dict[str, str]]]:
    if not (MERMAID / "node_modules").is_dir():
        missing(f"mermaid is not installed: npm install --no-package-lock --prefix {MERMAID}")
    done = subprocess.run(
        [_program("node"), MERMAID / "parse.mjs"], input=text, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    graph: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return graph
