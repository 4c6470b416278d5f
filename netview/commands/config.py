"""The configuration: read, and printed."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from netview.front import FrontError, Settings, write

if TYPE_CHECKING:
    from netview.config import Config


def configured(path: Path | None) -> "Config":
    """The user's configuration: the file that was named, or the one in the usual place; raises FrontError."""
    from netview.config import ConfigError, load, place

    try:
        return load(place(os.environ, os.geteuid()) if path is None else path, named=path is not None)
    except ConfigError as error:
        raise FrontError(str(error)) from None


def show(settings: Settings) -> int:
    """A whole configuration, with what the user set in it."""
    if settings.config is None:
        return 0
    from netview.config import template
    from netview.ui.keys import keys

    write(template(settings.config, keys()), ascii_only=False)
    return 0
