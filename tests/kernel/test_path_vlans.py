"""Paths through VLANs, bridges that filter them and ipvlans against real packets, on a kernel that has them."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.kernel.another_kernel import is_at_hand, run_there
from tests.kernel.lab import Lab
from tests.kernel.path_vlans import SITUATIONS
from tests.kernel.paths import Situation
from tests.require import missing

_MODULE = "tests.kernel.vlan_looks"
_SECONDS = 180.0
_WANTED = """
    link add e type veth peer name f
    link add link e name e.7 type vlan id 7
    link add i link f type ipvlan mode l2
    link add b type bridge vlan_filtering 1
"""


@pytest.fixture(scope="module")
def looks(_rights: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if _has_vlans():
        done = subprocess.run([sys.executable, "-m", _MODULE], capture_output=True, text=True, check=True, timeout=_SECONDS)
        lines = done.stdout.splitlines()
    elif is_at_hand():
        lines = run_there(_MODULE, tmp_path_factory.mktemp("kernel"), _SECONDS)
    else:
        missing("needs a kernel with VLANs and ipvlans, or the packages user-mode-linux and kmod")
    found = {look["name"]: look for look in (json.loads(line) for line in lines if line.startswith("{"))}
    assert found, "\n".join(lines[-40:])
    return found


def _has_vlans() -> bool:
    lab = Lab()
    try:
        lab.add("vlans")
        lab.ip("vlans", _WANTED)
    except AssertionError:
        return False
    else:
        return True
    finally:
        lab.close()


def _ids(situation: Situation) -> str:
    return situation.name.replace(" ", "-")


@pytest.mark.parametrize("situation", SITUATIONS, ids=_ids)
def test_verdict_and_place_are_those_of_a_real_packet(situation: Situation, looks: dict[str, Any]) -> None:
    look = looks[situation.name]
    story = "\n".join(look["story"])
    assert look["said"] == [situation.verdict, situation.at], story
    assert look["seen"] in (situation.at if situation.seen is None else situation.seen).split("|"), story
    gets_back = look["back"] is not None and look["back"][0] == "delivered"
    assert look["answered"] == (situation.verdict == "delivered" and gets_back), story
    if look["back"] is not None:
        assert look["back"] == [situation.back, situation.back_at], story
