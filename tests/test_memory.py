import stat
from pathlib import Path

import pytest

from netview.memory import place, recall, remember
from netview.ui.options import Remembered


def test_what_was_remembered_is_recalled(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "netview" / "state.json"
    remember(path, Remembered("interfaces", {"interfaces": ("rx", True)}))
    remember(path, Remembered("routes", {"interfaces": ("rx", False)}, "pod"))
    assert recall(path) == Remembered("routes", {"interfaces": ("rx", False)}, "pod")
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '{"view": 3, "sorts": [], "grouping": {}}',
        '{"sorts": {"a": 1, "b": ["c"], "d": [1, true], "e": ["x", "y"]}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_file_that_makes_no_sense_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert recall(path) == Remembered()


def test_where_nothing_can_be_kept_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remember(tmp_path / "file" / "netview" / "state.json", Remembered("wiring"))
    assert recall(tmp_path / "file" / "netview" / "state.json") == Remembered()


def test_a_link_in_the_files_place_is_neither_read_nor_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text('{"view": "routes"}')
    path = tmp_path / "state.json"
    path.symlink_to(target)
    assert recall(path) == Remembered()
    remember(path, Remembered("wiring"))
    assert target.read_text() == '{"view": "routes"}'
    assert recall(path) == Remembered("wiring")


def test_under_sudo_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"SUDO_UID": "1000", "HOME": "/root", "XDG_STATE_HOME": "/s"}
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert place(environ) is None
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert place(environ) == Path("/s/netview/state.json")
    assert place({"HOME": "/home/u"}) == Path("/home/u/.local/state/netview/state.json")
    assert place({}) is None
