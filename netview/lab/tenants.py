"""The processes of the demo: what runs in its containers, and the traffic that they make."""

import itertools
import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from netview.lab.network import (
    API,
    HOST,
    NGINX_1,
    NGINX_2,
    NODE_2_NAMESPACE,
    OUTSIDE_NAMESPACE,
    POSTGRES,
    PUBLISHED,
    REDIS,
    SERVER,
    WEB_1,
    WEB_2,
)
from netview.lab.process import Daemon
from netview.lab.traffic import connected, echo, exchange, listen, serve, transfer

if TYPE_CHECKING:
    from pathlib import Path

HEAD_START_S = 0.6
"""The first screen comes before the first packet."""
_KIB = 1024


def tenants() -> tuple[Daemon, ...]:
    """Every process of the demo, servers first."""
    return (*_servers(), *_clients())


def _servers() -> Iterator[Daemon]:
    places: tuple[tuple[Path, str, str, int], ...] = (
        (NGINX_1.namespace, "nginx", "nginx: master process nginx -g daemon off;", 80),
        (NGINX_2.namespace, "nginx", "nginx: master process nginx -g daemon off;", 80),
        (REDIS.namespace, "redis-server", "redis-server *:6379", 6379),
        (POSTGRES.namespace, "postgres", "postgres: checkpointer", 5432),
        (WEB_1.namespace, "httpd", "httpd -DFOREGROUND", 80),
        (WEB_2.namespace, "httpd", "httpd -DFOREGROUND", 80),
        (OUTSIDE_NAMESPACE, "mirror", "mirror --port 80", 80),
        (NODE_2_NAMESPACE, "node_exporter", "node_exporter", 9100),
    )
    for namespace, comm, command, port in places:
        yield Daemon(namespace, comm, command, partial(_serve, port))


def _clients() -> Iterator[Daemon]:
    yield Daemon(NGINX_1.namespace, "nginx", "nginx: cache loader process", _stream(SERVER, 80, receive=900 * _KIB, period=47))
    yield Daemon(
        OUTSIDE_NAMESPACE, "curl", f"curl http://{HOST}:{PUBLISHED}/", _visits(HOST, PUBLISHED, size=40 * _KIB, pause=0.7)
    )
    yield Daemon(
        API.namespace, "gunicorn", "gunicorn: worker [api]", _stream(REDIS.ip, 6379, send=9 * _KIB, receive=52 * _KIB, period=23)
    )
    yield Daemon(API.namespace, "gunicorn", "gunicorn: worker [report]", _visits(POSTGRES.ip, 5432, size=260 * _KIB, pause=7.0))
    yield Daemon(
        WEB_1.namespace, "httpd", "httpd -DFOREGROUND", _stream(WEB_2.ip, 80, send=150 * _KIB, receive=11 * _KIB, period=31)
    )
    yield Daemon(NGINX_2.namespace, "ping", f"ping {NGINX_1.ip}", _pings(NGINX_1.ip, 1.0))
    yield Daemon(WEB_2.namespace, "ping", f"ping {WEB_1.ip}", _pings(WEB_1.ip, 2.0))
    yield Daemon(None, "curl", f"curl http://{NGINX_2.ip}/health", _visits(NGINX_2.ip, 80, size=300, pause=5.0))


def _serve(port: int) -> None:
    serve(listen(port))


def _pings(address: str, pause: float) -> Callable[[], None]:
    def run() -> None:
        time.sleep(HEAD_START_S)
        for sequence in itertools.count(1):
            echo(address, sequence & 0xFFFF)
            time.sleep(pause)

    return run


def _visits(address: str, port: int, *, size: int, pause: float) -> Callable[[], None]:
    """A new connection each time, and quiet in between."""

    def run() -> None:
        time.sleep(HEAD_START_S)
        while True:
            with suppress(OSError):
                transfer(address, port, send=200, receive=size)
            time.sleep(pause)

    return run


def _stream(address: str, port: int, *, send: int = 0, receive: int = 0, period: float) -> Callable[[], None]:
    """One long connection of so many bytes a second on average, in waves of `period` seconds."""

    def run() -> None:
        time.sleep(HEAD_START_S)
        while True:
            with suppress(OSError), connected(address, port) as connection:
                _wave(connection, send, receive, period)
            time.sleep(1.0)

    return run


def _wave(connection: socket.socket, send: int, receive: int, period: float) -> None:
    beat = 0.2
    while True:
        now = time.monotonic()
        height = beat * (1 + 0.6 * math.sin(2 * math.pi * now / period) + 0.25 * math.sin(17 * math.pi * now / period))
        exchange(connection, send=int(send * height), receive=int(receive * height))
        time.sleep(beat)
