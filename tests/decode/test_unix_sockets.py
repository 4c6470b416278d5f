from hypothesis import given
from hypothesis import strategies as st

from netview.decode.unix_sockets import listening

TOLD = b"""Num       RefCount Protocol Flags    Type St Inode Path
00000000b20e4d7f: 00000003 00000000 00000000 0001 03 11870388 /run/c.sock
000000007636a16a: 00000002 00000000 00010000 0001 01 11918759 /run/docker.sock
000000007636a16b: 00000002 00000000 00010000 0001 01    11871 /run/with a blank
000000007636a16c: 00000002 00000000 00010000 0001 01 11918761 @abstract
000000007636a16d: 00000002 00000000 00010000 0005 01 11918762 /run/seqpacket
000000007636a16e: 00000002 00000000 00010000 0001 01 11918763
"""


def test_only_stream_sockets_with_a_path_that_somebody_listens_on_are_told() -> None:
    assert listening(TOLD) == {11918759: "/run/docker.sock", 11871: "/run/with a blank"}


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    listening(content)
    listening(TOLD + content)
