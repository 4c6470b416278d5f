import os
import tomllib
from pathlib import Path

import pytest

from netview.config import SETTINGS, Config, ConfigError, load, place, template
from netview.ui.keys import keys


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_settings_and_keys_are_read(tmp_path: Path) -> None:
    text = 'interval = 2\nunits = "byte"\ntheme = "safe"\nascii = true\nmouse = false\n[keys]\npause = "P,f2"\n'
    config = load(written(tmp_path, text), named=False)
    assert config.settings == {"interval": 2, "units": "byte", "theme": "safe", "ascii": True, "mouse": False}
    assert config.keys == {"pause": "P,f2"}
    assert config.ignored == ()


def test_a_file_that_is_not_there_sets_nothing_unless_it_was_named(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", named=False) == Config()
    with pytest.raises(ConfigError, match=r"none.toml: there is no such file; .*--print-config"):
        load(tmp_path / "none.toml", named=True)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('units = "bit"\ninterval = "fast"\n', 2, "interval must be a number from 0.5 to 10"),
        ("interval = 0.1\n", 1, "interval must be a number from 0.5 to 10"),
        ("interval = true\n", 1, "interval must be a number from 0.5 to 10"),
        ("interval = nan\n", 1, "interval must be a number from 0.5 to 10"),
        ('# a comment\n\n"units" = "nibble"\n', 3, 'units must be "bit" or "byte"'),
        ('theme = ["dark"]\n', 1, "theme must be one of dark, light, safe, contrast, ansi, mono"),
        ("mouse = 1\n", 1, "mouse must be true or false"),
        ("ascii = false\n\nkeys = 3\n", 3, "keys must be a table"),
        ('sort = "x"\n[keys]\npause = "p"\nsort = 5\n', 4, "sort must be keys with commas between them"),
        ('[keys]\nsort = "s,,t"\n', 2, "sort must be keys with commas between them"),
        ('units = "bit\n', 1, "illegal character"),
        ("units = \n", 1, "invalid value"),
        ("units\n", 1, "expected '=' after a key"),
        ('units = "bit"\nunits = "bit"\n', 2, "cannot overwrite a value"),
        (b'units = "bit"\n# \xff\n', 2, "not UTF-8"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load(path, named=False)
    assert str(error.value).startswith(f"{path}:{line}: {said}")
    assert "\n" not in str(error.value)


def test_what_is_not_known_is_told_and_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, 'units = "byte"\ncolour = "red"\n[keys]\njump = "J"\npause = "P"\n')
    config = load(path, named=False)
    assert config.settings == {"units": "byte"}
    assert config.ignored == (f"{path}:2: unknown setting 'colour' is ignored; netview --print-config lists all",)
    assert config.unknown_actions(keys().keys()) == (
        f"{path}: unknown action 'jump' in [keys] is ignored; netview --print-config lists all",
    )


def test_only_a_regular_file_of_bearable_size_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="pipe: not a regular file"):
        load(tmp_path / "pipe", named=True)
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load(written(tmp_path, b"#" * (2 << 20)), named=True)
    with pytest.raises(ConfigError, match=r"directory|not a regular file"):
        load(tmp_path, named=True)


def test_the_template_sets_nothing_and_names_everything() -> None:
    text = template(Config(), keys())
    assert tomllib.loads(text) == {"keys": {}}
    uncommented = "\n".join(line.removeprefix("# ") if " = " in line or "[keys]" in line else "" for line in text.splitlines())
    whole = tomllib.loads(uncommented)
    assert whole.keys() == {setting.name for setting in SETTINGS} | {"keys"}
    assert whole["keys"] == {name: default for name, (_, default) in keys().items()}


def test_the_template_as_a_file_keeps_what_was_set(tmp_path: Path) -> None:
    config = load(written(tmp_path, 'interval = 5\nascii = true\n[keys]\npause = "P"\nfilter = "\\"" \n'), named=False)
    again = load(written(tmp_path, template(config, keys())), named=False)
    assert (again.settings, again.keys) == (config.settings, config.keys)


def test_the_place_is_the_invoking_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place({"XDG_CONFIG_HOME": "/x"}, 1000) == Path("/x/netview/config.toml")
    assert place({"XDG_CONFIG_HOME": "relative", "HOME": "/home/u"}, 1000) == Path("/home/u/.config/netview/config.toml")
    assert place({"HOME": "/home/u"}, 1000) == Path("/home/u/.config/netview/config.toml")
    root = {"SUDO_UID": str(os.getuid() or 1), "XDG_CONFIG_HOME": "/root/x", "HOME": "/root"}
    invoker = Path("/home/someone")
    monkeypatch.setattr("netview.config._home", lambda *given: str(invoker) if len(given) == 1 else "")
    assert place(root, 0) == invoker / ".config/netview/config.toml"
