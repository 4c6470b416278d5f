"""Answers are told apart by the number of their request."""

import pytest

from netview.decode.netlink import NLM_F_DUMP
from netview.kernel.netlink import RouteSocket

_GETLINK, _GETADDR, _GETRULE, _RTM_NEWRULE = 18, 22, 34, 32


def test_what_is_left_of_a_dump_that_was_given_up_on_is_no_answer_to_the_next_request() -> None:
    with RouteSocket() as socket:
        whole = [end - at for _, at, end in socket.dump(_GETRULE, _RTM_NEWRULE, bytes(12))]
        socket._send(_GETADDR, NLM_F_DUMP, bytes(8))
        rules = [end - at for _, at, end in socket.dump(_GETRULE, _RTM_NEWRULE, bytes(12))]
    assert rules == whole


def test_an_error_of_the_kernel_is_the_errno_that_it_gave() -> None:
    with RouteSocket() as socket, pytest.raises(OSError, match="No such device"):
        socket.request(_GETLINK, bytes(4) + (2**31 - 1).to_bytes(4, "little") + bytes(8))
