"""Tables of iptables' own kind in the namespace that the thread is in: those that exist, for asking for others makes them."""

import ctypes
import os
import socket
import sys

from netview.decode.iptables import ENTRIES, INFO, chains
from netview.model.ruleset import Chain

_FAMILIES = {"ip": (socket.AF_INET, socket.IPPROTO_IP), "ip6": (socket.AF_INET6, socket.IPPROTO_IPV6)}
_GET_INFO, _GET_ENTRIES = 64, 65
_NAME = 32
_LARGEST = 64 << 20
_libc = ctypes.CDLL(None, use_errno=True)


def legacy_chains(family: str, tables: list[str]) -> list[Chain]:
    """All chains of these tables; raises OSError and MalformedError."""
    kind, level = _FAMILIES[family]
    with socket.socket(kind, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_RAW) as raw:
        return [chain for table in tables for chain in _table(raw, level, family, table)]


def _table(raw: socket.socket, level: int, family: str, table: str) -> list[Chain]:
    name = os.fsencode(table)[: _NAME - 1].ljust(_NAME, b"\0")
    info = _asked(raw, level, _GET_INFO, name.ljust(INFO.size, b"\0"))
    size = INFO.unpack_from(info)[-1]
    if size > _LARGEST:
        raise OSError(f"the table {table} is too large")
    head = (name + size.to_bytes(4, sys.byteorder)).ljust(ENTRIES, b"\0")
    return chains(family, info, _asked(raw, level, _GET_ENTRIES, head + bytes(size))[ENTRIES:])


def _asked(raw: socket.socket, level: int, option: int, question: bytes) -> bytes:
    """getsockopt() with a question in its buffer, which Python's own does not take."""
    buffer = ctypes.create_string_buffer(question, len(question))
    length = ctypes.c_uint32(len(question))
    if _libc.getsockopt(raw.fileno(), level, option, buffer, ctypes.byref(length)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return buffer.raw
