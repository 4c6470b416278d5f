from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.events import Key, Paste, Resize
from textual.geometry import Size

from netview.derive.wiring import Quiet
from netview.model import Notice, Sample
from netview.ui.options import Options
from netview.ui.screens.help import HelpScreen
from netview.ui.screens.pair import PairScreen
from netview.ui.screens.palette import PaletteScreen
from netview.ui.screens.too_small import TooSmallScreen
from netview.ui.widgets.filter_input import LONGEST, FilterInput
from netview.ui.widgets.pair_pane import PairPane
from tests.factories import ETH0_1, HOSTILE, NGINX_1, OVERLAY, VETH_1, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running

SIZES = (WIDE, STANDARD, LEAST)
KEYS = (
    *(
        "j",
        "k",
        "down",
        "up",
        "G",
        "g",
        "end",
        "home",
        "pagedown",
        "pageup",
        "l",
        "h",
        "right",
        "left",
        "shift+right",
        "shift+left",
    ),
    *("enter", "escape", "s", "S", "backspace", "p", "u", "m", "plus", "equals_sign", "minus", "tab", "x", "a", "w", "f", "i"),
    *("escape", "left_square_bracket", "right_square_bracket", "question_mark", "escape", "colon", "escape", "slash", "escape"),
)


def locked_sample(at: float = 0.0) -> Sample:
    sample = docker_sample(at)
    contents = {**sample.tables, OVERLAY: replace(sample.tables[OVERLAY], links={}, error="needs CAP_SYS_ADMIN")}
    return replace(sample, tables=contents, notices=(Notice("docker", "permission denied on /var/run/docker.sock"),))


def hostile_sample(at: float = 0.0) -> Sample:
    return docker_sample(at, hostile=True)


def lonely_sample(at: float = 0.0) -> Sample:
    sample = docker_sample(at)
    home = {sample.home: sample.tables[sample.home]}
    return replace(sample, found={sample.home: sample.found[sample.home]}, tables=home, containers=())


async def test_the_first_frame_waits_for_no_sample() -> None:
    async with running(samples=0) as hand:
        assert hand.lines[0].startswith(" netview")
        assert "reading the namespaces" in hand.text
        assert hand.lines[-1].endswith("q quit")
        assert len([widget for widget in hand.app.screen.query("*") if widget.display]) <= 6


async def test_reading_begins_after_the_first_frame_and_ends_with_the_app() -> None:
    async with running(samples=0) as hand:
        poller = hand.poller
        assert poller.started
    assert poller.stopped


async def test_wiring_shows_each_container_with_its_veth_and_traffic() -> None:
    async with running() as hand:
        assert hand.lines[0].startswith(" netview  lab-vm · root · 4 namespaces · 2 bridges · 2 pairs")
        assert "8.0 Mbit/s now" in hand.lines[1]
        line = next(line for line in hand.lines if "├ nginx-1" in line).split("││")[0].split()
        assert line[1:] == ["├", "nginx-1", "eth0", "172.17.0.2/16", "⇄", "veth9c02e56", "8.0", "M", "0", "forwarding"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", "12345")
async def test_every_key_answers_in_every_view_at_every_size(view: str, size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        for key in KEYS:
            await hand.press(view)
            await hand.press(key)
            await hand.step()
            assert all(len(line) <= size[0] for line in hand.lines)
        assert hand.app._exception is None


@pytest.mark.parametrize("make", [hostile_sample, locked_sample, lonely_sample])
@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_locked_namespaces_and_empty_hosts_pass_every_screen(
    make: Callable[[float], Sample], size: tuple[int, int]
) -> None:
    async with running(make, size=size) as hand:
        for keys in ("1", "2", "3", "4", "5", "i escape", "question_mark escape", "colon escape", "slash [ / r e d ] enter"):
            await hand.press(*keys.split())
            assert_harmless(hand)
        await hand.press("escape", "3", "j", "enter")
        for _ in range(7):
            await hand.press("right_square_bracket")
            await hand.step()
            assert_harmless(hand)


def assert_harmless(hand: Hand) -> None:
    assert all(line.isprintable() for line in hand.lines)
    assert HOSTILE not in hand.text


async def test_80_by_24_shows_all_that_matters() -> None:
    async with running(size=STANDARD) as hand:
        assert hand.text.replace("\u203a", ">").splitlines()[:11] == [
            " netview  lab-vm · root · 4 namespaces · 2 bridges · 2 pairs ● LIVE 1 s   bit/s",
            " 8.0 Mbit/s now · 100 % is nginx-1 ↓ via docker0",
            "[1 Wiring]2 Ifs 3 NS 4 Routes 5 Bridges 6 Events 7 Path 8 Doctor 9 Trace 0 Map",
            "╭─ host > eth0 ────────────────────────────────────────────────────────────────╮",
            "│  WIRE           INTERFACE ADDRESS          PLUGGED IN AS      ↓ bit/s ↑ bit/s│",
            "│>   eth0         uplink    203.0.113.7/24                            0       0│",
            "│  ▾ docker0      bridge    172.17.0.1/16 +1 2 ports              8.0 M       0│",
            "│   ├ nginx-1     eth0      172.17.0.2/16    ⇄ veth9c02e56        8.0 M       0│",
            "│   └ nginx-2     eth0      172.17.0.3/16    ⇄ veth5a5cdcf            0       0│",
            "│  ▾ br0          bridge    in 1-qij8tlp3w5  1 port                            │",
            "│   └ vxlan0      vxlan     vni 4097         remote 192.0.2.8         0       0│",
        ]


async def test_a_click_selects_and_a_click_on_the_selected_row_opens() -> None:
    async with running() as hand:
        await hand.click("└ nginx-2")
        assert "nginx-2" in hand.selected
        await hand.click("└ nginx-2")
        assert "[Links]" in hand.lines[2]


async def test_a_click_sorts_by_a_title_and_opens_a_tab() -> None:
    async with running() as hand:
        await hand.click("3 Namespaces")
        assert "[3 Namespaces]" in hand.lines[2]
        await hand.click("LINKS")
        assert "LINKS ▲" in hand.text


async def test_nothing_is_painted_where_no_visible_cell_changed() -> None:
    async with running(lambda at: docker_sample(at, rate=0), samples=3) as hand:
        await hand.press("4")
        await hand.step(2)
        painted: list[int] = []
        hand.table.refresh = lambda *regions, **_: painted.extend(region.y for region in regions)  # type: ignore[assignment,method-assign]
        await hand.step(3)
        assert painted == []


async def test_a_container_its_veth_and_its_routes_are_three_keys_away() -> None:
    async with running() as hand:
        await hand.press("j", "j")
        assert hand.title == "host › docker0 › nginx-1"  # noqa: RUF001 - the breadcrumb's own sign
        await hand.press("enter", "right_square_bracket", "right_square_bracket")
        assert "[Routes]" in hand.lines[2]
        assert "172.17.0.1" in hand.selected


async def test_enter_descends_and_backspace_climbs_to_the_same_row() -> None:
    async with running() as hand:
        await hand.press("j", "enter")
        assert "[Ports]" in hand.lines[2]
        await hand.press("j", "backspace")
        assert "docker0" in hand.selected
        await hand.press("backspace", "escape")
        assert hand.app.is_running
        assert "[1 Wiring]" in hand.lines[2]


async def test_an_open_namespace_is_told_to_the_poller() -> None:
    async with running() as hand:
        await hand.press("j", "j", "enter")
        assert hand.poller._want.place == NGINX_1
        assert ETH0_1 in hand.poller._want.visible
        await hand.press("backspace")
        assert hand.poller._want.place is None


async def test_x_goes_to_the_other_end_and_back_to_the_exact_origin() -> None:
    async with running() as hand:
        await hand.press("j", "j")
        before = hand.text
        await hand.press("x")
        assert "[Links]" in hand.lines[2]
        assert "veth9c02e56" in hand.selected
        await hand.press("x")
        assert hand.text == before


async def test_x_among_all_interfaces_stays_in_the_list() -> None:
    async with running() as hand:
        await hand.press("2")
        hand.table.select(VETH_1)
        await hand.press("x")
        assert hand.table.current is not None
        assert hand.table.current.row.key == ETH0_1
        await hand.press("x")
        assert hand.table.current.row.key == VETH_1


async def test_a_filter_is_live_counts_and_is_cleared_by_escape() -> None:
    async with running() as hand:
        await hand.press("2", "slash", *"nginx-1")
        assert "filter: nginx-1 (3 of 12)" in hand.lines[1]
        await hand.press("enter")
        assert not hand.app.screen.query(FilterInput)
        await hand.press("escape")
        assert "filter" not in hand.lines[1]


async def test_an_invalid_filter_is_red_and_keeps_the_last_result() -> None:
    async with running() as hand:
        await hand.press("2", "slash", *"veth")
        entries = hand.table.entries
        await hand.press(*" !")
        assert [entry.row.key for entry in hand.table.entries] == [entry.row.key for entry in entries]
        assert hand.app.screen.query_one(FilterInput).has_class("-invalid")
        assert "! wants a text" in hand.lines[1]


async def test_keys_typed_into_a_filter_are_text() -> None:
    async with running() as hand:
        await hand.press("slash", *"qp1x")
        assert hand.app.screen.query_one(FilterInput).value == "qp1x"
        assert hand.app.is_running


async def test_a_filter_selects_the_first_row_that_matches_and_enter_keeps_it_before_it_opens_it() -> None:
    async with running() as hand:
        await hand.press("slash", *"nginx-2")
        assert "nginx-2" in hand.selected
        await hand.press("enter")
        assert "filter: nginx-2" in hand.lines[1]
        assert "nginx-2" in hand.selected
        await hand.press("enter")
        assert "nginx-2" in hand.title


async def test_what_is_pasted_into_a_filter_is_one_inert_bounded_line() -> None:
    async with running() as hand:
        await hand.press("slash")
        line = hand.app.screen.query_one(FilterInput)
        line.post_message(Paste("nginx\n\x1b[31m\u202e-1\r\n"))
        await hand.settle()
        assert line.value == "nginx [31m-1"
        line.post_message(Paste("x" * 10_000))
        await hand.settle()
        assert line.value == "nginx [31m-1".ljust(LONGEST, "x")
        assert hand.app.screen.query(FilterInput)


async def test_collapse_expand_and_the_way_to_the_parent() -> None:
    async with running() as hand:
        await hand.press("j", "j", "h")
        assert "docker0" in hand.selected
        await hand.press("h")
        assert "▸ docker0" in hand.selected
        assert "├ nginx-1" not in hand.text
        await hand.step()
        assert "▸ docker0" in hand.selected
        await hand.press("l")
        assert "├ nginx-1" in hand.text


async def test_pause_holds_the_picture_while_reading_goes_on() -> None:
    async with running() as hand:
        await hand.press("p")
        before = hand.text
        assert "PAUSED" in hand.lines[0]
        await hand.step(3)
        assert hand.text == before
        assert hand.poller.step().generation == 6
        await hand.press("p")
        assert "LIVE" in hand.lines[0]


async def test_units_and_metrics_change_the_columns() -> None:
    async with running() as hand:
        assert "↓ bit/s" in hand.text
        await hand.press("u")
        assert "↓ B/s" in hand.text
        assert "1.0 M" in next(line for line in hand.lines if "├ nginx-1" in line)
        for word in ("pkt/s", "total", "drops", "peak", "B/s"):
            await hand.press("m")
            assert f"↓ {word}" in hand.text


async def test_speed_stays_between_half_a_second_and_ten() -> None:
    async with running() as hand:
        await hand.press("plus", "plus", "plus")
        assert hand.poller.interval == 0.5
        assert "LIVE 0.5 s" in hand.lines[0]
        await hand.press(*["minus"] * 6)
        assert hand.poller.interval == 10.0


async def test_sort_shows_an_arrow_and_turns_round() -> None:
    async with running() as hand:
        await hand.press("2", "s")
        assert "NAME ▲" in hand.text
        await hand.press("S")
        assert "NAME ▼" in hand.text
        assert hand.table.entries[0].row.fact.name == "vxlan0"


async def test_quiet_rows_are_hidden_and_shown() -> None:
    async with running() as hand:
        await hand.press("a")
        assert "nginx-2" not in hand.text
        assert "… 1 quiet" in hand.text
        await hand.press("a")
        assert "nginx-2" in hand.text
        assert hand.app.state.quiet is Quiet.SHOWN


async def test_the_pane_stands_beside_from_100_columns_and_is_a_screen_below() -> None:
    async with running(size=(100, 24)) as hand:
        assert hand.app.screen.query_one(PairPane).display
        await hand.press("tab")
        assert hand.app.screen.query_one(PairPane).has_focus
    async with running(size=STANDARD) as hand:
        assert not hand.app.screen.query_one(PairPane).display
        await hand.press("j", "j", "i")
        assert isinstance(hand.app.screen, PairScreen)
        assert "docker0, port 1" in hand.text
        await hand.press("backspace")
        assert "├ nginx-1" in hand.text


async def test_f_gives_the_list_the_whole_width_and_back() -> None:
    async with running() as hand:
        await hand.press("f")
        assert not hand.app.screen.query_one(PairPane).display
        await hand.press("f")
        assert hand.app.screen.query_one(PairPane).display


async def test_a_terminal_that_is_too_small_is_told_what_it_needs() -> None:
    async with running(size=(59, 16)) as hand:
        assert isinstance(hand.app.screen, TooSmallScreen)
        assert "needs 60x16, this is 59x16; q quits" in hand.text
        await hand.press("q")
        assert hand.app.return_value == 0


async def test_a_terminal_that_shrinks_and_grows_again_and_again_shows_what_was_there() -> None:
    async with running() as hand:
        await hand.press("question_mark")
        for width in (59, 20, 160, 1, 59, 160):
            hand.app.post_message(Resize(Size(width, 24), Size(width, 24)))
        await hand.resize(20, 5)
        await hand.press("question_mark", "2", "escape", "i")
        await hand.resize(59, 16)
        assert isinstance(hand.app.screen, TooSmallScreen)
        assert "this is 59x16" in hand.text
        await hand.resize(*WIDE)
        assert isinstance(hand.app.screen, HelpScreen)


async def test_what_comes_up_while_the_terminal_is_too_small_is_there_when_it_has_grown() -> None:
    async with running(size=(59, 16)) as hand:
        hand.app.push_screen(HelpScreen(hand.app.state, ()))
        await hand.resize(*WIDE)
        assert isinstance(hand.app.screen, HelpScreen)
        await hand.press("backspace")
        assert "[1 Wiring]" in hand.text


async def test_the_smallest_terminals_hold_words_and_no_scroll_bar() -> None:
    async with running(size=(9, 7)) as hand:
        assert " ".join(hand.text.split()) == "netview needs 60x16, this is 9x7; q quits"
        await hand.resize(10, 5)
        assert " ".join(hand.text.split()) == "netview needs 60x16, this is 10x5; q"


@pytest.mark.parametrize("width", [60, 70, 80, 100, 160])
async def test_help_and_quit_stand_in_the_footer_at_every_width(width: int) -> None:
    async with running(size=(width, 24)) as hand:
        assert hand.lines[-1].endswith("? help  q quit")
        assert hand.lines[-1].startswith(" Enter open")


async def test_help_lists_every_key() -> None:
    async with running() as hand:
        await hand.press("question_mark")
        assert isinstance(hand.app.screen, HelpScreen)
        for words in ("ctrl+c  ctrl+q  quit at once", "sort"):
            assert words in hand.text
        await hand.press("G")
        assert "↓ is into and ↑ out of the container" in hand.text
        await hand.press("q")
        assert "[1 Wiring]" in hand.text


async def test_the_palette_does_what_it_finds() -> None:
    async with running() as hand:
        await hand.press("colon", *"Routes")
        assert isinstance(hand.app.screen, PaletteScreen)
        await hand.press("enter")
        await hand.settle()
        assert "[4 Routes]" in hand.text


async def test_q_goes_up_and_quits_at_the_root() -> None:
    async with running() as hand:
        await hand.press("j", "enter", "q")
        assert "[1 Wiring]" in hand.text
        await hand.press("q")
        assert hand.app.return_value == 0


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_ctrl_c_and_ctrl_q_quit_from_anywhere(key: str) -> None:
    async with running() as hand:
        await hand.press("slash", "x", key)
        assert hand.app.return_value == 0


async def test_the_app_opens_on_a_name() -> None:
    async with running(options=Options(open_on="veth5a5cdcf")) as hand:
        assert "nginx-2" in hand.selected


async def test_a_name_that_nothing_bears_is_told() -> None:
    async with running(options=Options(open_on="nobody"), samples=6) as hand:
        assert "nothing here is called nobody" in hand.text


async def test_ascii_draws_no_other_glyph() -> None:
    async with running(options=Options(ascii=True)) as hand:
        for keys in ("1", "2", "3", "4", "5", "a", "a", "question_mark escape", "colon escape", "i escape", "slash z"):
            await hand.press(*keys.split())
            assert hand.text.isascii()


async def test_notices_are_counted_and_told() -> None:
    async with running(locked_sample) as hand:
        assert hand.lines[0].rstrip().endswith("⚠ 1")
        assert "docker: permission denied" in hand.lines[1]
        assert "✗ 1-qij8tlp3w5" in hand.text
        assert "needs CAP_SYS_ADMIN" in hand.text


async def test_a_host_without_containers_is_told_about_the_demo() -> None:
    async with running(lonely_sample) as hand:
        assert "netview --demo" in hand.text


async def test_a_crash_prints_one_safe_line() -> None:
    told: list[BaseException] = []

    def on_crash(error: BaseException) -> str:
        told.append(error)
        return "netview: it broke\x1b[2J"

    async def crash() -> None:
        async with running(options=Options(on_crash=on_crash)) as hand:
            hand.app._handle_exception(ZeroDivisionError("x"))
            hand.app._handle_exception(ZeroDivisionError("y"))
            assert [str(line) for line in hand.app._exit_renderables] == ["netview: it broke\\x1b[2J"]

    with pytest.raises(ZeroDivisionError):
        await crash()
    assert len(told) == 1


async def test_what_is_typed_at_once_after_the_filters_key_is_the_filter() -> None:
    async with running(size=STANDARD) as hand:
        for key in ("slash", *"ops", "enter"):
            hand.app.simulate_key(key)
        await hand.settle()
        assert "filter: ops" in hand.text


@pytest.mark.parametrize("size", [STANDARD, LEAST])
async def test_help_tells_what_keys_do_and_a_long_notice_in_full_on_a_small_screen(size: tuple[int, int]) -> None:
    told = "what 1 process holds may not be looked at: namespaces that only it holds are left out; run as root to see all"
    async with running(lambda at: replace(docker_sample(at), notices=(Notice("processes", told),)), size=size) as hand:
        await hand.press("question_mark")
        text = " ".join(line.strip("│ \u203a>").removeprefix("⚠").strip() for line in hand.lines)
        assert told in text
        assert "down" in text


async def test_a_key_that_is_held_down_says_its_piece_once() -> None:
    async with running() as hand:
        await hand.press(*["d"] * 20)
        assert hand.text.count("there is no mark yet") == 1


async def test_where_the_list_has_the_screen_f_says_so() -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("f")
        assert "the list has" in hand.text


async def test_what_was_typed_before_the_line_was_there_stands_before_the_rest() -> None:
    async with running() as hand:
        await hand.press("slash", *"nx-1")
        for letter in "ngi":
            hand.app.on_key(Key(letter, letter))
        await hand.settle()
        await hand.press("2")
        assert hand.app.focused is not None
        assert getattr(hand.app.focused, "value", "") == "nginx-12"
