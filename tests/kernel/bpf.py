"""The smallest programs, put on links by hand."""

import ctypes
import os
import struct
from platform import machine

from tests.require import missing

_NUMBERS = {"x86_64": 321, "aarch64": 280}
_PROG_LOAD, _LINK_CREATE = 5, 28
XDP, SCHED_CLS = 6, 3
ON_XDP, TCX_INGRESS = 37, 46
CGROUP_SKB, CGROUP_INGRESS, CGROUP_EGRESS = 8, 0, 1
_PASS = {XDP: 2, SCHED_CLS: 0xFFFFFFFF, CGROUP_SKB: 1}
_MOVE, _CALL, _EXIT = 0xB7, 0x85, 0x95
_REDIRECT_PEER = 155
_libc = ctypes.CDLL(None, use_errno=True)


def attached(kind: int, where: int, target: int) -> int:
    """A descriptor that keeps a program on a link, or on the control group behind a descriptor; the program lets all pass."""
    return _attached(kind, where, target, (_MOVE, 0, _PASS[kind]), (_EXIT, 0, 0))


def redirecting(ifindex: int, to: int) -> int:
    """A descriptor that keeps a program on a veth: what comes out there goes to the other end of the veth `to`, past it."""
    steps = ((_MOVE, 1, to), (_MOVE, 2, 0), (_CALL, 0, _REDIRECT_PEER), (_EXIT, 0, 0))
    return _attached(SCHED_CLS, TCX_INGRESS, ifindex, *steps)


def _attached(kind: int, where: int, target: int, *steps: tuple[int, int, int]) -> int:
    """Of instructions by their code, the register that they set and their immediate value."""
    code = b"".join(struct.pack("=BBhI", code, register, 0, value) for code, register, value in steps)
    instructions, license_ = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    load = struct.pack("=IIQQ", kind, len(steps), ctypes.addressof(instructions), ctypes.addressof(license_))
    program = _bpf(_PROG_LOAD, load.ljust(120, b"\0"))
    try:
        return _bpf(_LINK_CREATE, struct.pack("=IIII", program, target, where, 0).ljust(64, b"\0"))
    finally:
        os.close(program)


def _bpf(command: int, attributes: bytes) -> int:
    number = _NUMBERS.get(machine())
    if number is None:
        missing(f"no number of bpf() is known for {machine()}")
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result: int = _libc.syscall(number, command, buffer, len(attributes))
    if result < 0:
        missing(f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result
