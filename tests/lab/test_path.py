"""Every way of the demo's network, as netview follows it."""

import json
import subprocess
import sys
from typing import Any

import pytest

_VERDICTS = {"delivered", "forwarded"}


def _path(*arguments: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", "netview", "--demo", "path", "-o", "json", *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("nginx-1", "nginx-2"), "docker0 forwards it to port"),
        (("web.1", "web.2"), "vxlan0 wraps it for 192.0.2.8"),
        (("nginx-1", "198.51.100.10"), "masquerade to 203.0.113.7"),
        (("outside", "203.0.113.7", "--port", "8080"), "dnat to 172.17.0.2:80"),
    ],
)
def test_packets_and_replies_get_through(arguments: tuple[str, ...], word: str) -> None:
    told = _path(*arguments)
    assert told["verdict"] in _VERDICTS
    assert told["back"]["verdict"] in _VERDICTS
    assert any(hop["decision"].startswith(word) for hop in told["hops"])
