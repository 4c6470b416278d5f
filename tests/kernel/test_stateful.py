"""Asking about limits, lists and sets changes none of them, nor what the kernel has loaded."""

import shutil
from pathlib import Path

import pytest

from tests.kernel.lab import Lab, run
from tests.kernel.wire import path_across, wired
from tests.require import missing

_RULES = (
    "ipset create known hash:net counters timeout 600",
    "ipset add known 10.1.0.0/24",
    "iptables-nft -A INPUT -m limit --limit 5/min -j RETURN",
    "iptables-nft -A INPUT -m recent --name seen --set",
    "iptables-nft -A INPUT -m recent --name seen --update --seconds 60 --hitcount 9 -j DROP",
    "iptables-nft -A INPUT -m set --match-set known src -j ACCEPT",
    "iptables-nft -A INPUT -j DROP",
)
_SHOWN = (
    ["ipset", "list", "known"],
    ["iptables-nft-save", "-c"],
    ["nft", "list", "ruleset"],
    ["cat", "/proc/net/xt_recent/seen"],
    ["cat", "/proc/net/nf_conntrack"],
)


@pytest.fixture
def wire(lab: Lab) -> Lab:
    """Two namespaces with a wire between them, and rules that keep something at one end."""
    for tool in ("ipset", "iptables-nft", "nft"):
        if shutil.which(tool) is None:
            missing(f"needs the command {tool}")
    wired(lab)
    for command in _RULES:
        run(lab.inside("b", command.split()))
    run(lab.inside("b", ["sh", "-c", "echo +10.1.0.9 > /proc/net/xt_recent/seen"]))
    return lab


def _kept(lab: Lab) -> list[str]:
    # What is saved says when.
    told = ["\n".join(line for line in run(lab.inside("b", argv)).splitlines() if line[:1] != "#") for argv in _SHOWN]
    # A set's entries count down.
    told[0] = "\n".join(word for word in told[0].split() if not word.isdigit() or word == "0")
    return told


def test_a_path_leaves_limits_lists_sets_counters_and_modules_as_they_are(wire: Lab) -> None:
    before, modules = _kept(wire), _modules()
    assert path_across(wire) == ("delivered", "in b")
    assert (_kept(wire), _modules()) == (before, modules)
    run(wire.inside("b", ["iptables-nft", "-D", "INPUT", "-m", "limit", "--limit", "5/min", "-j", "RETURN"]))
    assert path_across(wire) == ("delivered", "in b")
    run(wire.inside("b", ["ipset", "flush", "known"]))
    assert path_across(wire)[0] == "dropped"


def _modules() -> str:
    try:
        return Path("/proc/modules").read_text("ascii")
    except FileNotFoundError:
        return ""
