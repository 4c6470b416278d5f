"""netview's own themes; every text of theirs stands out by 4.5 : 1, in truecolor, 256 and 16 colours."""

from textual.theme import BUILTIN_THEMES, Theme

from netview.ui.options import ThemeName


def _theme(name: str, *, dark: bool, cursor: tuple[str, str], blurred: str, muted: str, border: str, **colours: str) -> Theme:
    """A theme; `cursor` is its background and its text, `border` that of what is not in focus."""
    return Theme(
        name=f"netview-{name}",
        dark=dark,
        surface=colours["background"],
        variables={
            "cursor": cursor[0],
            "cursor-text": cursor[1],
            "cursor-blurred": blurred,
            "muted": muted,
            "foreground-muted": muted,
            "border": colours["primary"],
            "border-blurred": border,
            "cursor-style": "bold",
        },
        **colours,  # type: ignore[arg-type]
    )


DARK = _theme(
    "dark",
    dark=True,
    cursor=("#00408f", "#ffffff"),
    blurred="#1f1f3f",
    muted="#a8a8a8",
    border="#585858",
    primary="#5fafff",
    secondary="#87d7d7",
    warning="#ffd75f",
    error="#ff8787",
    success="#87d787",
    accent="#d7afff",
    foreground="#e4e4e4",
    background="#121212",
    panel="#262626",
)
LIGHT = _theme(
    "light",
    dark=False,
    cursor=("#afd7ff", "#000000"),
    blurred="#dadada",
    muted="#266f97",
    border="#a8a8a8",
    primary="#005faf",
    secondary="#00776f",
    warning="#872600",
    error="#af0000",
    success="#005f00",
    accent="#5f00af",
    foreground="#1c1c1c",
    background="#ffffff",
    panel="#eeeeee",
)
SAFE = _theme(
    # Hues of Okabe and Ito, which those who cannot tell red from green tell apart: blue is well, vermilion is wrong.
    "safe",
    dark=True,
    cursor=("#00408f", "#ffffff"),
    blurred="#1f1f3f",
    muted="#a8a8a8",
    border="#585858",
    primary="#f0e442",
    secondary="#c0c0c0",
    warning="#e69f00",
    error="#ff7f2a",
    success="#56b4e9",
    accent="#cc79a7",
    foreground="#e4e4e4",
    background="#121212",
    panel="#262626",
)
CONTRAST = _theme(
    "contrast",
    dark=True,
    cursor=("#ffff00", "#000000"),
    blurred="#00007f",
    muted="#d7d7d7",
    border="#d7d7d7",
    primary="#00ffff",
    secondary="#ffffff",
    warning="#ffff00",
    error="#ffafaf",
    success="#87ff87",
    accent="#ffafff",
    foreground="#ffffff",
    background="#000000",
    panel="#000000",
)


def _ansi(name: str, *, cursor: tuple[str, str], style: str, muted: str, **colours: str) -> Theme:
    """A theme of the terminal's own sixteen colours, never mixed."""
    ground, text = colours["background"], colours["foreground"]
    return Theme(
        name=f"netview-{name}",
        ansi=True,
        dark=True,
        surface=ground,
        panel=ground,
        boost=ground,
        variables={
            **BUILTIN_THEMES["ansi-dark"].variables,
            "cursor": cursor[0],
            "cursor-text": cursor[1],
            "cursor-blurred": ground,
            "muted": muted,
            "foreground-muted": muted,
            "border": colours["primary"],
            "border-blurred": muted,
            "cursor-style": style,
            "input-cursor-background": ground,
            "input-cursor-foreground": text,
            "input-cursor-text-style": "reverse",
        },
        **colours,  # type: ignore[arg-type]
    )


ANSI = _ansi(
    "ansi",
    cursor=("ansi_bright_white", "ansi_black"),
    style="bold",
    muted="ansi_white",
    primary="ansi_bright_cyan",
    secondary="ansi_bright_white",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
    accent="ansi_bright_magenta",
    foreground="ansi_white",
    background="ansi_black",
)
MONO = _ansi(
    "mono",
    cursor=("ansi_default", "ansi_default"),
    style="reverse",
    muted="ansi_default",
    primary="ansi_default",
    secondary="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    success="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
)
THEMES: dict[ThemeName, Theme] = {
    "dark": DARK,
    "light": LIGHT,
    "safe": SAFE,
    "contrast": CONTRAST,
    "ansi": ANSI,
    "mono": MONO,
}
