"""A client that no server can hold, fill or confuse."""

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.runtimes.unix_http import BadAnswer, UnixHttp
from tests.runtimes.servers import Behaviour, FakeDocker, container, drips, endless, half_closes, response, says, server, silent

ANY = re.compile(r"/\w*")
SIZE = 2**20


def get(path: str, seconds: float = 0.4) -> tuple[int, bytes]:
    with UnixHttp(path, ANY, seconds=seconds, size=SIZE) as http:
        return http.get("/")


@contextlib.contextmanager
def full_backlog(folder: Path) -> Iterator[str]:
    path = str(folder / "s")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(path)
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(path)
        yield path


def test_an_answer_comes_with_its_status_and_its_body() -> None:
    with server(says(response(b"[1]", "503 Busy"))) as path:
        assert get(path) == (503, b"[1]")


def test_a_chunked_answer_and_one_until_the_end_are_read_whole() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")) as path:
        assert get(path) == (200, b"abcde")
    with server(says(b"HTTP/1.0 200 OK\r\n\r\nabcde")) as path:
        assert get(path) == (200, b"abcde")


def test_many_questions_go_over_one_connection() -> None:
    docker = FakeDocker(*(container(n) for n in range(20)))
    with server(docker) as path, UnixHttp(path, re.compile(r"/containers/.*")) as http:
        for number in range(20):
            assert http.get(f"/containers/{number:064x}/json").status == 200
    assert docker.clients == 1


def test_a_server_that_closes_after_each_answer_is_asked_anew() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na")) as path, UnixHttp(path, ANY) as http:
        assert [http.get("/").body, http.get("/").body] == [b"a", b"a"]


def test_the_kernel_says_who_listens() -> None:
    with server(says(response(b""))) as path, UnixHttp(path, ANY) as http:
        http.get("/")
        assert http.peer() == (os.getpid(), os.getuid())


@pytest.mark.parametrize("target", ["/containers/../x", "/a HTTP/1.1\r\nX: y", "//x"])
def test_only_targets_of_the_list_are_sent(target: str) -> None:
    with UnixHttp("/nonexistent", ANY) as http, pytest.raises(ValueError, match=re.escape(target)):
        http.get(target)


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(silent, id="never answers"),
        pytest.param(drips(response(b"[]"), 0.1), id="drips its header"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100, 0.05), id="drips a header line"),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 90, 0.02), id="drips chunks"
        ),
        pytest.param(drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 90, 0.01), id="says continue and continue"),
    ],
)
def test_whoever_takes_longer_than_the_deadline_is_left_at_the_deadline(behave: Behaviour) -> None:
    with server(behave) as path:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            get(path)
        assert 0.39 <= time.monotonic() - began < 1.5


def test_a_full_backlog_holds_nobody_longer_than_the_deadline(tmp_path: Path) -> None:
    with full_backlog(tmp_path) as path:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            get(path)
        assert 0.39 <= time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), "without end", id="body"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x"), "without end", id="promised body"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"), "without end", id="chunks"
        ),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", b"x"), "without end", id="huge chunk"
        ),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"), "without end", id="trailers"
        ),
        pytest.param(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "without end", id="continues"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "HTTP", id="header"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), "HTTP", id="headers"),
        pytest.param(endless(b"", b"x"), "HTTP", id="status line"),
    ],
)
def test_an_answer_without_end_is_cut_off(behave: Behaviour, reason: str) -> None:
    with server(behave) as path, pytest.raises(BadAnswer, match=reason):
        get(path, seconds=5)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        pytest.param(says(b""), "hung up", id="nothing"),
        pytest.param(says(b"\x00\xff\x1b[2J\r\n\r\n"), "HTTP", id="garbage"),
        pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n"), "HTTP", id="ssh"),
        pytest.param(says(b"HTTP/1.1 abc\r\n\r\n"), "HTTP", id="no status"),
        pytest.param(says(b"HTTP/9.9 200 OK\r\n\r\n"), "HTTP", id="another HTTP"),
        pytest.param(half_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), "hung up", id="short body"),
        pytest.param(half_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "hung up", id="short chunk"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"), "hung up", id="no chunk size"),
    ],
)
def test_what_is_no_answer_is_told_in_words_of_netviews_own(behave: Behaviour, reason: str) -> None:
    with server(behave) as path, pytest.raises(BadAnswer, match=reason):
        get(path, seconds=5)


def test_an_absent_and_a_refusing_socket_fail_as_the_kernel_says(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        get(str(tmp_path / "none"))
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s"))
    with pytest.raises(ConnectionRefusedError):
        get(str(tmp_path / "s"))
    with pytest.raises(OSError, match="too long"):
        get("/" + "x" * 200)


FRAGMENTS: tuple[bytes, ...] = (
    b"HTTP/1.1 ",
    b"200",
    b" OK",
    b"\r\n",
    b"\n",
    b"Content-Length",
    b"Transfer-Encoding: chunked",
    b": ",
    b"-",
    b"9" * 5000,
)
FRAGMENTS += (
    b"100 Continue",
    b"ff",
    b"0",
    b"\x00",
    b"\xff",
    b" ",
    b";",
    b"a" * 70_000,
    b"Connection: close",
    b"HTTP/1.0 204 No\r\n\r\n",
)


@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4)).map(b"".join) | st.just(b"HTTP/1.1 200 OK\r\n"))
def test_no_bytes_raise_anything_unforeseen(data: bytes) -> None:
    with server(says(data)) as path, contextlib.suppress(OSError, BadAnswer):
        get(path, seconds=5)
