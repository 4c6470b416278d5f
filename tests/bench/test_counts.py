"""What may not grow: it is counted, so that a busy machine fails nothing. The limits lie about a half above what was counted."""

import os
import shutil
from typing import Any

import pytest

from tests.bench.counts import SIZES, ask
from tests.require import missing

QUIET, LIVE = f"quiet {SIZES[-1]}", f"live {SIZES[-1]}"
LINKS = 3 * SIZES[-1] + 2


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    if os.geteuid():
        missing("counting builds namespaces: run as root")
    for program in ("gcc", "setpriv", "strace", "unshare"):
        if shutil.which(program) is None:
            missing(f"counting needs {program}")
    return ask()


@pytest.mark.parametrize("beat", [QUIET, LIVE])
def test_a_beat_asks_little_of_the_kernel(counted: dict[str, Any], beat: str) -> None:
    assert counted[beat]["requests"] <= SIZES[-1] + 5  # A GETSTATS in each namespace.
    assert counted[beat]["bytes"] <= 300 * LINKS  # Of statistics: 232 a link.


def test_a_quiet_beat_makes_few_objects(counted: dict[str, Any]) -> None:
    assert counted[QUIET]["objects"] <= 5 * LINKS


def test_a_live_beat_makes_objects_for_what_changed(counted: dict[str, Any]) -> None:
    assert counted[LIVE]["objects"] <= 15 * LINKS


def test_a_quiet_second_takes_few_system_calls(counted: dict[str, Any]) -> None:
    assert counted["calls"] <= 1100


def test_nothing_is_painted_where_nothing_changes(counted: dict[str, Any]) -> None:
    assert counted["painted_quiet"] <= 4


def test_a_line_is_painted_once_a_beat_where_all_change(counted: dict[str, Any]) -> None:
    assert counted["painted_live"] <= 52  # A screen of 50 lines, and two for the cursor.


def test_the_first_frame_waits_for_few_modules(counted: dict[str, Any]) -> None:
    assert counted["modules"] <= 450


def test_each_wire_of_a_thousand_leads_somewhere(counted: dict[str, Any]) -> None:
    assert counted["unresolved"] == 0
