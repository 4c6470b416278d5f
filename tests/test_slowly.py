"""Readers who are slow, stand still, or go away."""

import os
import threading
from collections.abc import Iterator

import pytest

from netview.slowly import Meanwhile, is_gone, written


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_what_is_written_arrives_whole(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    data = bytes(range(256)) * 2000
    found: list[bytes] = []

    def read() -> None:
        while sum(map(len, found)) < len(data):
            found.append(os.read(reading, 5000))

    reader = threading.Thread(target=read)
    reader.start()
    assert written(writing, data, Meanwhile(lambda: None, lambda: False))
    reader.join()
    assert b"".join(found) == data


def test_one_who_stands_still_is_given_up_once_all_is_to_end(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netview.slowly._GRACE_S", 0.0)
    looked: list[None] = []
    meanwhile = Meanwhile(lambda: looked.append(None), lambda: len(looked) > 2)
    assert not written(pipe[1], bytes(1 << 20), meanwhile)
    assert len(looked) == 3


def test_one_who_has_gone_is_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(BrokenPipeError):
            written(writing, b"x", Meanwhile(lambda: None, lambda: False))
    finally:
        os.close(writing)


def test_whether_anybody_reads_is_known_without_writing() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        assert not is_gone(stream)
        os.close(reading)
        assert is_gone(stream)
    assert not is_gone(None)
