"""The configuration: TOML in the user's XDG place, checked line by line; netview itself never writes it."""

import os
import pwd
import re
import stat
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

LARGEST = 1 << 20
"""Bytes of a file that anyone wrote by hand."""
_THEMES = ("dark", "light", "safe", "contrast", "ansi", "mono")
_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+)*(?:[a-z_0-9]+|\S)", re.IGNORECASE)


class ConfigError(Exception):
    """A file that cannot be followed; the message is one line with the place and what to do."""


class Setting(NamedTuple):
    """One setting at the top of the file."""

    name: str
    default: str
    """As TOML."""
    what: str
    fits: Callable[[Any], bool]
    wanted: str


SETTINGS = (
    Setting(
        "interval",
        "1.0",
        "Seconds from sample to sample.",
        lambda v: isinstance(v, int | float) and not isinstance(v, bool) and 0.5 <= v <= 10,
        "a number from 0.5 to 10",
    ),
    Setting("units", '"bit"', "Units of rates.", lambda v: v in {"bit", "byte"}, '"bit" or "byte"'),
    Setting(
        "theme",
        '"dark"',
        f"Colours: {', '.join(_THEMES)}; left out, what suits the terminal.",
        lambda v: v in _THEMES,
        f"one of {', '.join(_THEMES)}",
    ),
    Setting("ascii", "false", "Draw with ASCII alone.", lambda v: isinstance(v, bool), "true or false"),
    Setting("mouse", "true", "Take the mouse from the terminal.", lambda v: isinstance(v, bool), "true or false"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Config:
    """What the user wrote, as far as it makes sense."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """By the names of SETTINGS; absent: the default."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the action's name: its keys, with commas between them."""
    ignored: tuple[str, ...] = ()
    """One line for each setting that netview does not know."""
    path: Path | None = None

    def unknown_actions(self, known: Container[str]) -> tuple[str, ...]:
        """One line for each action in [keys] that is not known."""
        return tuple(
            f"{self.path}: unknown action {name!r} in [keys] is ignored; netview --print-config lists all"
            for name in self.keys
            if name not in known
        )


def place(environ: Mapping[str, str], user: int) -> Path:
    """Where the file is looked for: under sudo the invoking user's, whose XDG_CONFIG_HOME sudo does not hand on."""
    invoker = environ.get("SUDO_UID", "")
    if user == 0 and invoker.isdecimal() and invoker != "0":
        return Path(_home(int(invoker)), ".config", "netview", "config.toml")
    base = environ.get("XDG_CONFIG_HOME", "")
    # The specification: a path that is not absolute is to be ignored.
    return Path(base if base.startswith("/") else Path(_home(user, environ), ".config"), "netview", "config.toml")


def load(path: Path, *, named: bool) -> Config:
    """The file's settings; one that is not there has none, unless the user `named` it. Raises ConfigError."""
    try:
        data = _content(path)
    except FileNotFoundError:
        if named:
            raise ConfigError(f"{path}: there is no such file; netview --print-config prints one to begin with") from None
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    # 20 ms that nobody waits for who has no such file.
    import tomllib  # noqa: PLC0415

    try:
        text = data.decode()
        return _checked(path, text, tomllib.loads(text))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).partition(" (at ")
        line_of = re.search(r"line (\d+)", where)
        line = int(line_of[1]) if line_of else text.count("\n") + 1
        raise ConfigError(f"{path}:{line}: {said[0].lower()}{said[1:]}") from None


def template(config: Config, actions: Mapping[str, tuple[str, str]]) -> str:
    """A whole file with a comment for each setting; `actions` gives each action's description and keys by its name."""
    lines = ["# netview's configuration; what stands behind # is the default."]
    for setting in SETTINGS:
        lines += ["", f"# {setting.what}", _line(setting.name, config.settings.get(setting.name), setting.default)]
    lines += ["", "# Keys of every action; several have commas between them.", "[keys]"]
    for name, (what, keys) in actions.items():
        lines.append(f"{_line(name, config.keys.get(name), _toml(keys)):<40} # {what}")
    return "\n".join(lines) + "\n"


def _line(name: str, value: object, default: str) -> str:
    return f"# {name} = {default}" if value is None else f"{name} = {_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def _home(user: int, environ: Mapping[str, str] | None = None) -> str:
    try:
        return (environ or {}).get("HOME") or pwd.getpwuid(user).pw_dir
    except KeyError:
        return "/nonexistent"


def _content(path: Path) -> bytes:
    """A regular file alone: a pipe would wait for a writer, a device never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(f"{path}: not a regular file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: larger than {LARGEST >> 20} MiB")
    return data


def _checked(path: Path, text: str, found: Mapping[str, Any]) -> Config:
    ignored: list[str] = []
    settings: dict[str, Any] = {}
    for name, value in found.items():
        setting = _BY_NAME.get(name)
        where = f"{path}:{_line_of(text, name)}"
        if name == "keys":
            continue
        if setting is None:
            ignored.append(f"{where}: unknown setting {name!r} is ignored; netview --print-config lists all")
        elif not setting.fits(value):
            raise ConfigError(f"{where}: {name} must be {setting.wanted}")
        else:
            settings[name] = value
    return Config(settings, _keys(path, text, found.get("keys", {})), tuple(ignored), path)


def _keys(path: Path, text: str, table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ConfigError(f'{path}:{_line_of(text, "keys")}: keys must be a table: [keys], then lines like pause = "p"')
    for name, value in table.items():
        if not isinstance(value, str) or not all(_KEY.fullmatch(key) for key in value.split(",")):
            where = f"{path}:{_line_of(text, name, '[keys]')}"
            raise ConfigError(f'{where}: {name} must be keys with commas between them, such as "p" or "ctrl+s,f2"')
    return dict(table)


def _line_of(text: str, name: str, after: str = "") -> int:
    """The line that sets a name; the first one where it cannot be told."""
    begin = max(0, text.find(after))
    found = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]", re.MULTILINE).search(text, begin)
    return 1 if found is None else text.count("\n", 0, found.end()) + 1
