"""Blocks of pcapng; what tshark makes of whole files is in tests/kernel/test_capture.py."""

import pytest

from netview.export.pcapng import Interface, header


@pytest.mark.parametrize(("hardware", "link_type"), [(1, 1), (772, 1), (801, 105), (803, 127), (65534, 101), (768, 101)])
def test_each_kind_of_link_has_its_type(hardware: int, link_type: int) -> None:
    section = header("netview", [])
    described = header("netview", [Interface("a/eth0", hardware)])[len(section) :]
    assert (described[:4], int.from_bytes(described[8:10], "little")) == (b"\1\0\0\0", link_type)


def test_no_name_acts_on_a_terminal() -> None:
    written = header("netview", [Interface("\x1b[2Jevil\udcff/eth0", 1)])
    assert b"\x1b" not in written
    assert b"evil" in written
