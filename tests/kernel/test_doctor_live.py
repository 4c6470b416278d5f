"""The doctor while netview runs: what events tell of is found two ticks after it happened at the latest, and goes as soon."""

import time
from collections.abc import Sequence

from netview.kernel.live_source import LiveSource
from netview.live import Poller
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in
from tests.kernel.test_doctor import built, inside

_CHAIN = "add table ip t; add chain ip t f { type filter hook forward priority 0; policy drop; }"
_CAUSES: Sequence[tuple[int, str, Sequence[str], Sequence[str]]] = (
    (1, "host", ("sysctl", "-qw", "net.ipv4.ip_forward=0"), ("sysctl", "-qw", "net.ipv4.ip_forward=1")),
    (2, "host", ("nft", _CHAIN), ("nft", "delete table ip t")),
    (9, "one", ("ip", "link", "set", "eth0", "mtu", "9000"), ("ip", "link", "set", "eth0", "mtu", "1500")),
    (12, "one", ("ip", "address", "add", "10.9.0.3/24", "dev", "eth0"), ("ip", "address", "del", "10.9.0.3/24", "dev", "eth0")),
    (17, "host", ("bridge", "link", "set", "dev", "v1", "state", "0"), ("bridge", "link", "set", "dev", "v1", "state", "3")),
    (27, "one", ("ip", "route", "del", "default"), ("ip", "route", "add", "default", "via", "10.9.0.1")),
    (28, "host", ("ip", "route", "add", "10.9.0.128/25", "dev", "up0"), ("ip", "route", "del", "10.9.0.128/25", "dev", "up0")),
)
"""What is found, where, what does it, and what undoes it."""


def ticks(poller: Poller, number: int, *, found: bool) -> int:
    """After how many ticks it is found, or found no more; 3: later."""
    for tick in (1, 2):
        time.sleep(1)
        diagnosis = poller.step().diagnosis
        if diagnosis is not None and (number in {one.check for one in diagnosis.findings}) is found:
            return tick
    return 3


def test_what_happens_is_found_within_two_ticks_and_goes_with_its_cause(lab: Lab) -> None:
    built(lab)

    def late() -> list[tuple[int, str]]:
        source = LiveSource()
        poller = Poller(source, answer=source.answer)
        try:
            for _ in range(3):
                poller.step()
                time.sleep(1)
            told = []
            for number, name, cause, cure in _CAUSES:
                for command, found in ((cause, True), (cure, False)):
                    inside(lab, name, list(command))
                    if ticks(poller, number, found=found) > 2:
                        told.append((number, command[0]))
            return told
        finally:
            source.close()

    assert at_home_in(lab, "host", late) == []
