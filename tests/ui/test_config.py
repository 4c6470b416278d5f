"""What the configuration and the last run make of the app."""

from netview.ui.keys import keys
from netview.ui.options import Options, Remembered
from netview.ui.widgets.live_table import LiveTable
from tests.ui.screen import running


async def test_a_key_that_was_bound_anew_does_it_and_the_old_one_does_not() -> None:
    async with running(options=Options(keymap={"pause": "P,f5", "view-2": "Z"})) as hand:
        await hand.press("p")
        assert "PAUSED" not in hand.text
        await hand.press("P")
        assert "PAUSED" in hand.text
        await hand.press("f5", "Z")
        assert "PAUSED" not in hand.text
        assert "[2 Interfaces]" in hand.text
        await hand.press("question_mark", "G")
        assert any("P" in line and "F5" in line.upper() and "pause" in line for line in hand.lines)


async def test_what_is_wrong_with_the_configuration_is_told_and_inert() -> None:
    async with running(options=Options(warnings=("config.toml:2: unknown setting '[red]x\x1b[2J'",))) as hand:
        assert r"unknown setting '[red]x\x1b[2J'" in hand.text.replace("\n", "")


async def test_the_last_view_and_its_sort_are_taken_up_and_kept() -> None:
    kept: list[Remembered] = []
    sorts = {"interfaces": ("mtu", True), "routes": ("nonsense", False), "nowhere": ("x", False)}
    options = Options(remembered=Remembered("interfaces", sorts, "pod"), on_leave=kept.append)
    async with running(options=options) as hand:
        assert "[2 Interfaces]" in hand.text
        assert hand.app.query_one(LiveTable).entries[0].row.fact.mtu == 65536
        await hand.press("3", "b", "s")
    [left] = kept
    assert left.view == "namespaces"
    assert left.sorts["interfaces"] == ("mtu", True)
    assert left.sorts.keys() == {"interfaces", "namespaces"}
    assert left.grouping == "bridge"


async def test_a_grouping_that_is_not_known_is_none() -> None:
    kept: list[Remembered] = []
    async with running(options=Options(remembered=Remembered(grouping="nonsense"), on_leave=kept.append)):
        pass
    assert kept[0].grouping == "none"


def test_every_action_with_keys_has_a_name_of_its_own() -> None:
    found = keys()
    assert all(name.replace("-", "").isalnum() and name.islower() for name in found)
    assert {"pause", "filter", "move-down", "pane-down", "close"} <= found.keys()


async def test_a_view_of_what_was_asked_for_then_is_not_taken_up() -> None:
    for view in ("path", "trace"):
        async with running(options=Options(remembered=Remembered(view))) as hand:
            assert "[1 Wiring]" in hand.text
