import os
from pathlib import Path

import pytest

from netview.runtimes import sockets
from netview.runtimes.sockets import is_among_us, is_local, is_same, sockets_of
from tests.runtimes.servers import server, silent


def test_a_process_is_found_where_it_listens() -> None:
    with server(silent) as path:
        assert path in sockets_of(os.getpid())
        assert path not in sockets_of(os.getppid())
    assert path not in sockets_of(os.getpid())


def test_a_process_is_among_us_unless_its_mounts_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_among_us(os.getpid())
    told = {os.getpid(): 1, 7: 2, 8: None}
    monkeypatch.setattr(sockets, "namespace", lambda pid, _: told[pid])
    assert (is_among_us(7), is_among_us(8)) == (False, True)


@pytest.mark.parametrize(
    ("path", "local"), [("/run/docker.sock", True), ("/var/run/docker.sock", True), ("/srv/s", False), ("/running", False)]
)
def test_only_what_lies_in_memory_cannot_hang(path: str, *, local: bool) -> None:
    assert is_local(path) is local


def test_a_socket_is_the_same_where_the_path_leads_to_it_and_cannot_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(silent) as path, server(silent) as other:
        descriptor = os.open(path, os.O_PATH)
        try:
            assert not is_same(path, descriptor)
            monkeypatch.setattr(sockets, "is_local", lambda _: True)
            assert [is_same(one, descriptor) for one in (path, other, "/nonexistent")] == [True, False, False]
        finally:
            os.close(descriptor)


def test_a_process_that_is_gone_listens_nowhere() -> None:
    assert not Path(f"/proc/{2**22 - 1}").exists()
    assert sockets_of(2**22 - 1) == ()
