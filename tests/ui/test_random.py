"""Whatever is pressed, clicked and resized while containers come and go: no mistake, and the screen goes on."""

import random
from dataclasses import replace

import pytest
from textual import events

from netview.model import LinkKey, Sample
from netview.ui.app import NetviewApp
from netview.ui.keys import keys
from tests.factories import HOME, NGINX_1, VETH_1, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running

_LEAVE = frozenset({"q", "ctrl+c", "ctrl+q", "ctrl+z"})
_TYPED = (*"abn1/:!.-", "space", "enter", "escape", "backspace", "tab", "shift+tab", "up", "down", "delete", "home", "end")
_PRESSES, _A_STEP = 2500, 25
_SIZES = (WIDE, (100, 30), STANDARD, LEAST, (59, 15), (200, 60), (1, 1))


def churning(at: float) -> Sample:
    """nginx-1 is there every other three seconds, and counters are reset now and then."""
    sample = docker_sample(at % 7, rate=int(at % 5) * 1_000_000)
    sample = replace(sample, taken_at=1_800_000_000.0 + at, read_at=dict.fromkeys(sample.read_at, 100.0 + at))
    if int(at / 3) % 2 == 0:
        return sample
    home = sample.tables[HOME]
    gone = {VETH_1, LinkKey(NGINX_1, 1), LinkKey(NGINX_1, 6)}
    links = {ifindex: link for ifindex, link in home.links.items() if LinkKey(HOME, ifindex) not in gone}
    tables = {name: held for name, held in sample.tables.items() if name != NGINX_1}
    counters = {key: sample.counters[key] for key in sample.counters if key not in gone}
    return replace(
        sample,
        found={name: known for name, known in sample.found.items() if name != NGINX_1},
        tables={**tables, HOME: replace(home, links=links)},
        counters=counters,
        read_at={key: sample.read_at[key] for key in counters},
    )


def _all_keys() -> list[str]:
    bound = {key for _, pressed in keys().values() for key in pressed.split(",")}
    return sorted(bound - _LEAVE) + list(_TYPED)


async def _mouse(hand: Hand, chance: random.Random) -> None:
    width, height = hand.app.size
    x, y = chance.randrange(max(1, width)), chance.randrange(max(1, height))
    kind = chance.choice([events.MouseDown, events.MouseUp, events.MouseMove, events.MouseScrollDown, events.MouseScrollUp])
    hand.app.post_message(kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y))
    if kind is events.MouseDown:
        up = events.MouseUp(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)
        hand.app.post_message(up)


@pytest.fixture(autouse=True)
def _stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The palette has an action that quits, too."""
    monkeypatch.setattr(NetviewApp, "exit", lambda *_, **__: None)


@pytest.mark.parametrize("seed", range(4))
async def test_ten_thousand_keys_and_clicks_do_no_harm(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same each time
    pressed: list[str] = []
    async with running(churning, size=_SIZES[seed]) as hand:
        choices = _all_keys()
        for number in range(_PRESSES):
            if chance.random() < 0.15:
                await _mouse(hand, chance)
                pressed.append("mouse")
            else:
                pressed.append(chance.choice(choices))
                hand.app.simulate_key(pressed[-1])
            if number % _A_STEP == 0:
                await hand.step()
                assert hand.app._exception is None, pressed[-60:]
        await _comes_back(hand)


async def test_every_size_on_the_way_is_borne() -> None:
    chance = random.Random(7)  # noqa: S311  # the same each time
    async with running(churning, size=STANDARD) as hand:
        for _ in range(60):
            size = chance.choice(_SIZES) if chance.random() < 0.5 else (chance.randint(1, 220), chance.randint(1, 70))
            await hand.resize(*size)
            await hand.press(chance.choice("123456x/o?"), "escape")
            await hand.step()
        await hand.resize(*WIDE)
        await _comes_back(hand)


async def _comes_back(hand: Hand) -> None:
    """From wherever it is to the first view, which shows the newest."""
    assert hand.app._exception is None
    for _ in range(12):
        await hand.press("escape")
    if hand.app.state.paused:
        await hand.press("p")
    await hand.resize(*WIDE)
    await hand.press("1")
    await hand.step(2)
    assert "[1 Wiring]" in hand.text
    assert hand.app.state.update is hand.app.state.newest
    if "nothing has traffic" not in hand.text:
        assert "docker0" in hand.text, hand.text
