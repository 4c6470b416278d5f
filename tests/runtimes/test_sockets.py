import os
from pathlib import Path

import pytest

from netview.runtimes import sockets
from netview.runtimes.sockets import sockets_of
from tests.runtimes.servers import server, silent


def test_a_process_is_found_where_it_listens() -> None:
    with server(silent) as path:
        assert path in sockets_of(os.getpid())
        assert path not in sockets_of(os.getppid())
    assert path not in sockets_of(os.getpid())


def test_a_path_of_another_mount_namespace_is_taken_only_where_it_cannot_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter((1, 2))
    monkeypatch.setattr(sockets, "namespace", lambda *_: next(numbers))
    with server(silent) as path:
        assert path not in sockets_of(os.getpid())


def test_a_process_that_is_gone_listens_nowhere() -> None:
    assert not Path(f"/proc/{2**22 - 1}").exists()
    assert sockets_of(2**22 - 1) == ()
