"""In and out of namespaces: whatever happens inside, the thread is home again and nothing stays open."""

import os
from pathlib import Path

import pytest

from netview.kernel.enter import Door
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in

_HERE = Path("/proc/thread-self/ns/net")


def _here() -> int:
    return _HERE.stat().st_ino


def test_the_thread_is_inside_and_then_home_again(lab: Lab) -> None:
    lab.add("a", "b")

    def work() -> list[int]:
        door, descriptor = Door(), os.open(lab.path("b"), os.O_RDONLY)
        try:
            seen = [_here()]
            with door.inside(descriptor):
                seen.append(_here())
            return [*seen, _here()]
        finally:
            os.close(descriptor)
            door.close()

    assert at_home_in(lab, "a", work) == [lab.inode("a"), lab.inode("b"), lab.inode("a")]


def test_an_error_inside_leads_home_too(lab: Lab) -> None:
    lab.add("a", "b")

    def work() -> int:
        door, descriptor = Door(), os.open(lab.path("b"), os.O_RDONLY)
        try:
            with pytest.raises(KeyError), door.inside(descriptor):
                raise KeyError(_here())
            return _here()
        finally:
            os.close(descriptor)
            door.close()

    assert at_home_in(lab, "a", work) == lab.inode("a")


def test_what_is_no_namespace_cannot_be_entered(tmp_path: Path) -> None:
    door, descriptor = Door(), os.open(tmp_path, os.O_RDONLY)
    try:
        before = _here()
        with pytest.raises(OSError, match="Invalid argument"), door.inside(descriptor):
            pytest.fail("inside nothing")
        assert _here() == before
    finally:
        os.close(descriptor)
        door.close()


def test_a_private_namespace_is_new_and_empty_and_ends_with_its_visit(lab: Lab) -> None:
    lab.add("a")

    def work() -> tuple[int, list[str], int]:
        door = Door()
        try:
            with door.inside_new():
                new, links = _here(), Path("/proc/thread-self/net/dev").read_text("utf-8").splitlines()[2:]
            return new, links, _here()
        finally:
            door.close()

    new, links, back = at_home_in(lab, "a", work)
    assert new != back == lab.inode("a")
    assert [line.partition(":")[0].strip() for line in links] == ["lo"]
