"""Answers are told apart by the number of their request."""

import struct

import pytest

from netview.decode.netlink import NLM_F_ACK
from netview.kernel.netlink import RouteSocket

_GETLINK = 18


def _link(ifindex: int) -> bytes:
    return struct.pack("=4xi8x", ifindex)


def test_an_error_of_the_kernel_is_the_errno_that_it_gave() -> None:
    with RouteSocket() as socket, pytest.raises(OSError, match="No such device"):
        socket.request(_GETLINK, _link(2**31 - 1))


def test_what_is_left_of_an_answer_that_was_given_up_on_is_none_to_the_next_request() -> None:
    with RouteSocket() as socket:
        socket._send(_GETLINK, NLM_F_ACK, _link(1))
        with pytest.raises(OSError, match="No such device"):
            socket.request(_GETLINK, _link(2**31 - 1))
        assert socket.request(_GETLINK, _link(1)) is not None
