"""What stands where a way once led: it is not asked what only a namespace's holder can answer."""

import os
from pathlib import Path

import pytest

from netview.kernel.openers import open_by_tun


@pytest.mark.parametrize("path", ["/dev/null", "/proc/self/ns/net", "file"])
def test_what_is_no_tun_device_is_not_asked(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with (tmp_path / path).open() as file, pytest.raises(FileNotFoundError):
        open_by_tun(os.getpid(), file.fileno())


def test_the_namespace_of_a_tun_device_is_where_it_was_opened() -> None:
    with Path("/dev/net/tun").open("r+b", buffering=0) as tun:
        opened = open_by_tun(os.getpid(), tun.fileno())
    try:
        assert os.fstat(opened).st_ino == Path("/proc/thread-self/ns/net").stat().st_ino
    finally:
        os.close(opened)
