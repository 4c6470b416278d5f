"""Every action that has keys, by the name that the configuration gives it."""

from collections.abc import Mapping

from textual.binding import Binding

from netview.ui.app import NetviewApp
from netview.ui.screens.ask_capture import AskCaptureScreen
from netview.ui.screens.ask_path import AskPathScreen
from netview.ui.screens.capture import CaptureScreen
from netview.ui.screens.changes import ChangesScreen
from netview.ui.screens.confirm_trace import ConfirmTraceScreen
from netview.ui.screens.drops import DropsScreen
from netview.ui.screens.export import ExportScreen
from netview.ui.screens.help import HelpScreen
from netview.ui.screens.main import MainScreen
from netview.ui.screens.map import MapScreen
from netview.ui.screens.owner import OwnerScreen
from netview.ui.screens.packet import PacketScreen
from netview.ui.screens.pair import PairScreen
from netview.ui.screens.palette import PaletteScreen
from netview.ui.screens.talkers import TalkersScreen
from netview.ui.screens.values import ValuesScreen
from netview.ui.widgets.live_table import LiveTable
from netview.ui.widgets.map_pane import MapPane
from netview.ui.widgets.pair_pane import PairPane

_OWNERS = (
    NetviewApp,
    MainScreen,
    LiveTable,
    PairPane,
    MapScreen,
    MapPane,
    PairScreen,
    OwnerScreen,
    ValuesScreen,
    ChangesScreen,
    ExportScreen,
    ConfirmTraceScreen,
    HelpScreen,
    PaletteScreen,
    AskPathScreen,
    AskCaptureScreen,
    CaptureScreen,
    PacketScreen,
    TalkersScreen,
    DropsScreen,
)


def keys() -> Mapping[str, tuple[str, str]]:
    """By action: what it does, and its keys with commas between them."""
    bindings = (binding for owner in _OWNERS for binding in owner.BINDINGS if isinstance(binding, Binding))
    found: dict[str, tuple[str, str]] = {}
    for binding in bindings:
        if binding.id:
            found.setdefault(binding.id, (binding.description, binding.key))
    return found
