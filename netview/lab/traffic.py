"""Real traffic over real sockets: ICMP echo and TCP transfers, at the pace of their caller."""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

ECHO_REQUEST, ECHO_REPLY = 8, 0
_CHUNK = bytes(16 * 1024)


def echo(address: str, sequence: int = 1, *, size: int = 56, timeout: float = 1.0) -> float | None:
    """Send one ICMP echo request; the seconds until its reply, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.settimeout(timeout)
        identifier = os.getpid() & 0xFFFF
        started = time.monotonic()
        try:
            raw.sendto(_request(identifier, sequence, bytes(size)), (address, 0))
            while time.monotonic() - started < timeout:
                packet = raw.recv(65536)
                head = (packet[0] & 15) * 4
                if struct.unpack_from("!B3xHH", packet, head) == (ECHO_REPLY, identifier, sequence):
                    return time.monotonic() - started
        except OSError:
            return None
        return None


def _request(identifier: int, sequence: int, data: bytes) -> bytes:
    head = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", ECHO_REQUEST, 0, _checksum(head + data), identifier, sequence) + data


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + bytes(len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def listen(port: int, address: str = "0.0.0.0") -> socket.socket:
    """A TCP server's socket."""
    return socket.create_server((address, port), backlog=16)


def serve(server: socket.socket) -> None:
    """Answer for ever: each connection's requests say how many bytes they send along and how many they want back."""
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def transfer(address: str, port: int, *, send: int = 0, receive: int = 0, timeout: float = 5.0) -> int:
    """Send and receive so many bytes over one new connection to `serve`; the bytes received."""
    with connected(address, port, timeout=timeout) as connection:
        return exchange(connection, send=send, receive=receive)


@contextlib.contextmanager
def connected(address: str, port: int, *, timeout: float = 5.0) -> Iterator[socket.socket]:
    """A connection to `serve` for several exchanges."""
    with socket.create_connection((address, port), timeout) as connection:
        yield connection


def exchange(connection: socket.socket, *, send: int = 0, receive: int = 0) -> int:
    """Send and receive so many bytes; the bytes received."""
    connection.sendall(struct.pack("!QQ", send, receive))
    _send(connection, send)
    return _receive(connection, receive)


def _answer(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        while len(head := connection.recv(16, socket.MSG_WAITALL)) == 16:
            coming, wanted = struct.unpack("!QQ", head)
            _receive(connection, coming)
            _send(connection, wanted)


def _send(connection: socket.socket, count: int) -> None:
    while count > 0:
        part = min(count, len(_CHUNK))
        connection.sendall(_CHUNK[:part])
        count -= part


def _receive(connection: socket.socket, count: int) -> int:
    received = 0
    while received < count:
        part = connection.recv(min(count - received, 65536))
        if not part:
            break
        received += len(part)
    return received
