"""Whatever fails in between, the thread is at home afterwards, and nothing is left open."""

import gc
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import FrameType

import pytest

from netview.kernel import enter
from netview.kernel.discover import Sighting
from netview.kernel.enter import Door
from netview.kernel.live_source import LiveSource
from netview.kernel.scan import NativeReader
from netview.kernel.visit import Visitor
from netview.live import Poller, Update
from tests.kernel.lab import Lab, wait
from tests.kernel.looking import at_home_in

_HERE = Path("/proc/thread-self/ns/net")
_KERNEL = str(Path(enter.__file__).parent)


class InjectedError(Exception):
    """Nobody expects it."""


class Saboteur:
    """Lets one call of netview's kernel layer fail, or one call that it makes: the n-th."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.struck = False

    def __enter__(self) -> None:
        sys.setprofile(self._strike)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _strike(self, frame: FrameType, event: str, function: object) -> None:
        # What is not closed is open, whoever says so.
        if function is os.close:
            return
        caller = frame if event == "c_call" else frame.f_back
        ours = any(one is not None and one.f_code.co_filename.startswith(_KERNEL) for one in (frame, caller))
        if event not in {"call", "c_call"} or not ours or self.struck:
            return
        self._left -= 1
        if self._left < 0:
            self.struck = True
            raise InjectedError


def _open() -> set[str]:
    return {f"{entry.name} {entry.readlink()}" for entry in Path("/proc/self/fd").iterdir() if entry.exists()}


def _sabotaged(work: Callable[[], object]) -> Iterator[str]:
    """Where the thread is after each way in which this can fail, until nothing is left to fail."""
    for number in count():
        saboteur = Saboteur(number)
        try:
            with saboteur:
                work()
        except InjectedError:
            pass
        yield str(_HERE.readlink())
        if not saboteur.struck:
            return


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("known", [False, True], ids=["visiting", "working inside"])
def test_after_an_error_in_any_call_the_thread_is_at_home_and_nothing_is_open(lab: Lab, *, known: bool) -> None:
    lab.add("host", "there")

    def work() -> tuple[set[str], int, set[str]]:
        warnings.simplefilter("ignore", ResourceWarning)
        visitor = Visitor(NativeReader)
        try:
            sighting = Sighting(lab.inode("there"), openers=[lab.path("there")])
            visit = visitor.visit(sighting)
            assert visit is not None
            before = _open()

            def once() -> object:
                if known:
                    return visitor.inside(sighting, visit.id, lambda reader: reader.part({"routes"}, {1}))
                return visitor.visit(sighting)

            places = list(_sabotaged(once))
            gc.collect()
            after = visitor.visit(sighting)
            assert after is not None
            assert (after.id, after.error) == (visit.id, None)
            return set(places), len(places), _open() - before
        finally:
            visitor.close()

    places, tried, left = at_home_in(lab, "host", work)
    assert places == {f"net:[{lab.inode('host')}]"}
    assert tried > 50
    assert left == set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_after_an_error_while_the_private_namespace_is_made_the_thread_is_at_home(lab: Lab) -> None:
    lab.add("host")

    def once() -> None:
        Visitor(NativeReader).close()

    def work() -> set[str]:
        warnings.simplefilter("ignore", ResourceWarning)
        return set(_sabotaged(once))

    before = _open()
    assert at_home_in(lab, "host", work) == {f"net:[{lab.inode('host')}]"}
    gc.collect()
    # A mistake of netview's own ends it, and with it what is open.
    for entry in _open() - before:
        os.close(int(entry.split()[0]))


def test_who_may_not_enter_is_still_at_home(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.add("host")

    class Refusing:
        def setns(self, _descriptor: int, _kind: int) -> int:
            return -1

    def work() -> int:
        door = Door()
        try:
            with monkeypatch.context() as patch:
                patch.setattr(enter, "_libc", Refusing())
                with pytest.raises(OSError, match="Success"), door.inside(door.home):
                    pytest.fail("inside")
            return _HERE.stat().st_ino
        finally:
            door.close()

    assert at_home_in(lab, "host", work) == lab.inode("host")


def test_a_thread_whose_way_home_fails_is_replaced_by_one_that_is_at_home(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.add("host", "there")
    libc = enter._libc
    strayed: list[str] = []

    class OneWay:
        unshare = libc.unshare

        def setns(self, descriptor: int, kind: int) -> int:
            if (
                len(strayed) == 0
                and os.fstat(descriptor).st_ino == lab.inode("host")
                and _HERE.stat().st_ino == lab.inode("there")
            ):
                strayed.append(str(_HERE.readlink()))
                return -1
            return int(libc.setns(descriptor, kind))

    monkeypatch.setattr(enter, "_libc", OneWay())
    updates: list[Update] = []
    poller = Poller(LiveSource(), interval=0.5)

    def supervise() -> None:
        poller._supervise(updates.append)

    thread = threading.Thread(target=lambda: at_home_in(lab, "host", supervise))
    thread.start()
    try:
        assert wait(lambda: len(updates) >= 3, 20)
    finally:
        poller.stop(5)
        thread.join(10)
    assert strayed == [f"net:[{lab.inode('there')}]"]
    assert any(lab.full("there") in one.found.names for one in updates[-1].snapshot.namespaces.values())
