import tempfile
from pathlib import Path

import pytest

from netview.crash import report


def raised(error: Exception) -> Exception:
    """The error with a traceback, and a secret among the locals."""
    secret = "no-" + "locals"  # noqa: F841 - it must not be kept
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_line_names_a_private_file_without_locals(folder: Path) -> None:
    line = report(raised(ValueError("a\x1b[2J\u202eb\udcff")))
    (path,) = folder.iterdir()
    assert line == rf"netview: a mistake of netview's own: ValueError: a\x1b[2J\u202eb\xff; its traceback is in {path}"
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_text()
    assert "ValueError" in kept
    assert "no-locals" not in kept
    assert all(row.isprintable() for row in kept.split("\n"))


def test_a_long_message_is_cut(folder: Path) -> None:
    del folder
    assert len(report(raised(ValueError("x" * 10_000)))) < 500


def test_an_error_without_words_is_its_name(folder: Path) -> None:
    del folder
    assert "own: KeyError;" in report(raised(KeyError()))


def test_where_nothing_can_be_written_the_line_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "none"))
    assert "its traceback could not be written: " in report(raised(ValueError("x")))
