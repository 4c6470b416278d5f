"""Exports of a view."""

import os
import stat
from pathlib import Path

import pytest

from netview.saving import SavingError, save


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_new_and_its_owners_alone(here: Path) -> None:
    assert save({}, "view", "txt", "one\n") == "view.txt"
    assert save({}, "view", "txt", "two\n") == "view-2.txt"
    assert [(here / name).read_text() for name in ("view.txt", "view-2.txt")] == ["one\n", "two\n"]
    assert stat.S_IMODE((here / "view.txt").stat().st_mode) == 0o600


def test_a_link_in_its_place_is_not_followed(here: Path) -> None:
    (here / "target").write_text("mine")
    (here / "view.txt").symlink_to("target")
    assert save({}, "view", "txt", "one\n") == "view-2.txt"
    assert (here / "target").read_text() == "mine"


def test_what_cannot_be_written_is_told_in_a_line() -> None:
    with pytest.raises(SavingError, match="start netview in a directory of yours"):
        save({}, "absent/view", "txt", "")


def test_bytes_that_are_no_text_are_written_as_what_they_are(here: Path) -> None:
    save({}, "view", "txt", "\udcff")
    assert (here / "view.txt").read_bytes() == b"\\udcff"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_under_sudo_it_belongs_to_the_invoking_user(here: Path) -> None:
    save({"SUDO_UID": "1234", "SUDO_GID": "1235"}, "view", "txt", "")
    told = (here / "view.txt").stat()
    assert (told.st_uid, told.st_gid) == (1234, 1235)
