import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from netview.ui.options import Options, ThemeName
from netview.ui.themes import ANSI, MONO, SAFE, THEMES
from tests.ui.screen import running

LEAST = 4.5
SYSTEMS = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)


def contrast(one: str, other: str, system: ColorSystem) -> float:
    """WCAG 2 contrast, as a terminal of that many colours shows it."""
    lighter, darker = sorted((luminance(one, system), luminance(other, system)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str, system: ColorSystem) -> float:
    shown = RichColor.parse(colour.removeprefix("ansi_")).downgrade(system).get_truecolor()
    channels = [channel / 255 for channel in shown]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_text_stands_out_from_its_background(theme: Theme, system: ColorSystem) -> None:
    if theme is MONO:
        assert {theme.primary, theme.foreground, theme.background, *_values(theme)} == {"ansi_default"}
        return
    background, panel = str(theme.background), str(theme.panel)
    named = (theme.primary, theme.secondary, theme.warning, theme.error, theme.success, theme.accent, theme.foreground)
    for colour in (*map(str, named), theme.variables["muted"]):
        assert contrast(colour, background, system) >= LEAST, colour
    for ground in (panel, theme.variables["cursor-blurred"]):
        assert contrast(str(theme.foreground), ground, system) >= LEAST
    assert contrast(str(theme.error), panel, system) >= LEAST  # A filter that makes no sense.
    assert contrast(theme.variables["cursor-text"], theme.variables["cursor"], system) >= LEAST


def _values(theme: Theme) -> tuple[str, ...]:
    return tuple(theme.variables[name] for name in ("cursor", "cursor-text", "cursor-blurred", "muted", "border"))


@pytest.mark.parametrize("theme", [ANSI, MONO], ids=lambda theme: theme.name)
def test_themes_of_the_terminals_own_colours_mix_none(theme: Theme) -> None:
    assert theme.ansi
    assert all(Color.parse(str(colour)).ansi is not None for colour in (theme.primary, theme.foreground, *_values(theme)))


def test_well_and_wrong_lie_far_apart_where_red_and_green_look_the_same() -> None:
    well, wrong = Color.parse(str(SAFE.success)), Color.parse(str(SAFE.error))
    # Red-green blindness leaves the axis from blue to yellow whole.
    assert (well.b - (well.r + well.g) / 2) - (wrong.b - (wrong.r + wrong.g) / 2) > 128


@pytest.mark.parametrize("name", THEMES)
async def test_every_screen_resolves_in_every_theme(name: ThemeName) -> None:
    async with running(options=Options(theme=name)) as hand:
        for keys in ("2", "question_mark escape", "colon escape", "i escape", "slash x escape", "a"):
            await hand.press(*keys.split())
        assert "nginx-1" in hand.text
