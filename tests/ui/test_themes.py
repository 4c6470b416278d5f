import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from netview.ui.options import Options, ThemeName
from netview.ui.themes import ANSI, DARK, LIGHT
from tests.ui.screen import running

LEAST = 4.5


def contrast(one: str, other: str, system: ColorSystem) -> float:
    """WCAG 2 contrast, as a terminal of that many colours shows it."""
    lighter, darker = sorted((luminance(one, system), luminance(other, system)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str, system: ColorSystem) -> float:
    shown = RichColor.parse(colour).downgrade(system).get_truecolor()
    channels = [channel / 255 for channel in shown]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT], ids=lambda system: system.name)
def test_every_text_stands_out_from_its_background(theme: Theme, system: ColorSystem) -> None:
    assert theme.background is not None
    named = (theme.primary, theme.secondary, theme.warning, theme.error, theme.success, theme.accent, theme.foreground)
    for colour in (*named, theme.variables["muted"]):
        assert colour is not None
        assert contrast(colour, theme.background, system) >= LEAST
    assert contrast(theme.variables["cursor-text"], theme.variables["cursor"], system) >= LEAST


def test_the_ansi_theme_names_no_colour_of_its_own() -> None:
    assert ANSI.ansi
    assert all(Color.parse(colour).ansi == -1 for colour in (ANSI.primary, ANSI.foreground, ANSI.background) if colour)


@pytest.mark.parametrize("name", ["dark", "light", "ansi"])
async def test_every_screen_resolves_in_every_theme(name: ThemeName) -> None:
    async with running(options=Options(theme=name)) as hand:
        for keys in ("2", "question_mark escape", "colon escape", "i escape", "slash x escape", "a"):
            await hand.press(*keys.split())
        assert "nginx-1" in hand.text
