"""Paths past more rules and larger sets than anybody has, past what nobody can judge, and past rules that do not hold still."""

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from netview.kernel.rulesets import ruleset
from tests.kernel.lab import Lab, run
from tests.kernel.looking import at_home_in
from tests.kernel.test_trace import routed

__all__ = ["routed"]

_RULES, _ELEMENTS = 10_000, 100_000
_WHOLE = "table ip u {{\n{sets}\nchain c {{\ntype filter hook forward priority 10;\n{rules}\n}}\n}}\n"


def _path(lab: Lab, to: str = "10.2.0.2") -> dict[str, Any]:
    """What is said of an echo from a to there."""
    argv = lab.inside("host", [sys.executable, "-m", "netview", "path", lab.full("a"), to, "-o", "json"])
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {0, 1, 3}, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _load(lab: Lab, rules: str, sets: str = "") -> None:
    run(lab.inside("host", ["nft", "-f", "-"]), _WHOLE.format(rules=rules, sets=sets))


def _address(number: int) -> str:
    return f"10.{100 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


@pytest.mark.parametrize("last", ["drop", "accept"])
def test_the_last_of_ten_thousand_rules_decides(routed: Lab, last: str) -> None:
    rules = "\n".join(f"ip saddr {_address(number)} tcp dport {number % 65535 + 1} counter drop" for number in range(_RULES - 1))
    _load(routed, f"{rules}\nip daddr 10.2.0.2 {last}")
    told = _path(routed)
    listed = run(routed.inside("host", ["nft", "-a", "list", "chain", "ip", "u", "c"])).splitlines()
    (handle,) = (line.rpartition("# handle ")[2] for line in listed if "10.2.0.2" in line)
    if last == "drop":
        assert told["verdict"] == "dropped"
        assert f"rule handle {handle} of ip u c" in told["reason"]
    else:
        assert told["verdict"] == "delivered"


@pytest.mark.parametrize("present", [True, False])
def test_a_set_of_a_hundred_thousand_elements_is_asked_for_one(routed: Lab, *, present: bool) -> None:
    elements = [_address(number) for number in range(_ELEMENTS)] + (["10.2.0.2"] if present else [])
    _load(routed, "ip daddr @s drop", f"set s {{ type ipv4_addr; elements = {{ {', '.join(elements)} }} }}")
    told = _path(routed)
    assert told["verdict"] == ("dropped" if present else "delivered"), told["reason"]


@pytest.mark.parametrize("rule", ["numgen random mod 2 0 drop", "numgen inc mod 10 0 drop"])
def test_past_what_nobody_can_judge_a_path_is_undecided(routed: Lab, rule: str) -> None:
    _load(routed, rule)
    told = _path(routed)
    assert told["verdict"] == "undecided"
    assert "undecided because of rule handle" in told["reason"]


def test_rules_that_change_all_the_time_are_read_whole_or_not_at_all(routed: Lab) -> None:
    over = threading.Event()

    def change() -> None:
        """Two chains that always have as many rules as each other."""
        _load(routed, "", "chain d { }")
        batch = "flush chain ip u c\nflush chain ip u d\n" + "add rule ip u c counter\nadd rule ip u d counter\n" * 40
        while not over.is_set():
            run(routed.inside("host", ["nft", "-f", "-"]), batch)
            run(routed.inside("host", ["nft", "-f", "-"]), "flush chain ip u c\nflush chain ip u d\n")

    changing = threading.Thread(target=change)
    changing.start()
    whole = torn = 0
    try:
        for _ in range(200):
            try:
                found = at_home_in(routed, "host", ruleset)
            except BlockingIOError:
                torn += 1
                continue
            whole += 1
            sizes = {len(chain.rules) for key, chain in found.chains.items() if key[1] == "u"}
            assert sizes <= {0, 40}
            assert len(sizes) <= 1
        assert _path(routed)["verdict"] in {"delivered", "undecided"}
    finally:
        over.set()
        changing.join()
    assert whole + torn == 200
    assert whole
