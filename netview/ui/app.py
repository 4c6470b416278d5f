"""The app."""

import asyncio
import gc
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size

from netview.live import Poller, Update
from netview.text import safe
from netview.ui.collector import Collector
from netview.ui.messages import Failed, Updated
from netview.ui.options import Options
from netview.ui.remembered import recall, remember
from netview.ui.safety import ControlFilter
from netview.ui.screens.main import MainScreen
from netview.ui.state import State
from netview.ui.terminal import TerminalDriver
from netview.ui.themes import THEMES
from netview.ui.trace_shown import TraceTold
from netview.ui.traces import Traces

if TYPE_CHECKING:
    from textual.timer import Timer

    from netview.ui.screens.actions import Action
    from netview.ui.widgets.tabs import Tabs

LEAST = Size(60, 16)
_WAYS_OUT = frozenset({"back_or_quit", "quit_now", "suspend_process"})
_SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0)
_CONTROL_FILTER = ControlFilter()
"""One for all: lines keep what a filter made of them, by the filter."""
_OVERDUE, _OVERDUE_S = 3, 3.0
"""So many intervals, and so many seconds, without a sample make what is shown stale."""
_PATIENCE = 5
"""Samples in which a name may appear that the app was opened on: an engine answers later than the kernel."""


class NetviewApp(App[int]):
    """Every wire of the host, live; run() returns the exit code."""

    TITLE = "netview"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "pause", id="pause"),
        Binding("comma", "rewind(1)", "hold, and a sample back", show=False, id="earlier"),
        Binding("full_stop", "rewind(-1)", "a sample on again", show=False, id="later"),
        Binding("m", "metric", "metric", id="metric"),
        Binding("u", "units", "bit/byte", id="units"),
        Binding("plus,equals_sign", "speed(-1)", "faster", show=False, id="faster"),
        Binding("minus", "speed(1)", "slower", show=False, id="slower"),
        Binding("0", "map", "view Map", show=False, id="view-0"),
        Binding("1", "view(0)", "view Wiring", show=False, id="view-1"),
        Binding("2", "view(1)", "view Interfaces", show=False, id="view-2"),
        Binding("3", "view(2)", "view Namespaces", show=False, id="view-3"),
        Binding("4", "view(3)", "view Routes", show=False, id="view-4"),
        Binding("5", "view(4)", "view Bridges and FDB", show=False, id="view-5"),
        Binding("6", "view(5)", "view Events", show=False, id="view-6"),
        Binding("7", "view(6)", "view Path", show=False, id="view-7"),
        Binding("8", "view(7)", "view Doctor", show=False, id="view-8"),
        Binding("9", "view(8)", "view Trace", show=False, id="view-9"),
        Binding("colon,ctrl+p", "palette", "every action by name", show=False, id="palette"),
        Binding("question_mark,f1", "help", "help", key_display="?", id="help"),
        Binding("q", "back_or_quit", "quit", id="back-or-quit"),
        Binding("ctrl+c,ctrl+q", "quit_now", "quit at once", show=False, priority=True, id="quit"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True, id="suspend"),
    ]

    def __init__(self, poller: Poller, options: Options) -> None:
        super().__init__()
        self._poller = poller
        self._options = options
        self.state = State(options, poller.interval, options.units)
        self._traces = Traces(self.post_message)
        self._main = MainScreen(self.state, poller.want, self._traces)
        recall(self._main.places.host, self.state, options.remembered)
        self._said: dict[str, float] = {}
        """What stands on the screen, and since when."""
        self._sought = options.open_on
        self._updated_at = 0.0
        self._collector = Collector()
        self._overdue: Timer | None = None
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[options.theme].name
        self.set_keymap(dict(options.keymap))

    def get_default_screen(self) -> MainScreen:
        """The lists, as they fit the terminal: laid out otherwise first, they would be styled twice before the first frame."""
        self._main.fit(self.size, update=False)
        return self._main

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, but for the terminal."""
        chosen = super().get_driver_class()
        return TerminalDriver if chosen is LinuxDriver else chosen

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's own, and one that lets no control character through.

        Not the one for the terminal's own colours: only the ANSI theme has such, and that does without.
        """
        return [*(known for known in super().get_line_filters() if not isinstance(known, ANSIToTruecolor)), _CONTROL_FILTER]

    def on_mount(self) -> None:
        """Leave the terminal whole on signals, which Textual does not see to; read once the first frame stands."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, 128 + number)
        self.app_resume_signal.subscribe(self, self._repaint)
        self.app_suspend_signal.subscribe(self, lambda _: self._traces.stop())
        for warning in self._options.warnings:
            self.notify(safe(warning), severity="warning", markup=False)
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Stop reading."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        self._traces.stop()
        self._poller.stop(0.05)
        if self._options.on_leave is not None:
            self._options.on_leave(remember(self._main.places.host, self.state))
        self._collector.leave()

    async def on_event(self, event: events.Event) -> None:
        """Take note of keys and of the mouse, whoever they are for."""
        if isinstance(event, events.InputEvent):
            self._collector.pressed()
        await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the terminal is too small."""
        small = event.size.width < LEAST.width or event.size.height < LEAST.height
        told = any(screen.has_class("too-small") for screen in self.screen_stack)
        if small and not told:
            from netview.ui.screens.too_small import TooSmallScreen  # Later than the first frame.

            self.push_screen(TooSmallScreen(LEAST))
        elif self._is_too_small and not small:
            self.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the terminal is too small nothing but the ways out."""
        return super().check_action(action, parameters) and (not self._is_too_small or action in _WAYS_OUT)

    def on_key(self, event: events.Key) -> None:
        """What was typed before an input stood there belongs to it, and is no action: of its own it lets none through."""
        # A line to type into by what it can do: its module is loaded when one is first needed.
        insert = getattr(self.focused, "insert_early", None)
        if insert is not None and event.is_printable and event.character is not None:
            insert(event.character)
            event.stop()
            event.prevent_default()

    def on_updated(self, message: Updated) -> None:
        """There is a newer snapshot."""
        first, stale = self.state.update is None, self.state.stale_s is not None
        if self.state.take(message.update) or first or stale:
            self.refresh_data()
        self._updated_at = time.monotonic()
        self._expect()
        if first:
            self._collector.settle()
        elif self._collector.is_due():
            self.call_after_refresh(gc.collect)
        self._seek()

    def notify(self, message: str, **options: Any) -> None:
        """Say it once: a key that is held down says the same again and again."""
        now = time.monotonic()
        self._said = {said: at for said, at in self._said.items() if now < at + self.NOTIFICATION_TIMEOUT}
        if message not in self._said:
            self._said[message] = now
            super().notify(message, **options)

    def on_trace_told(self, message: TraceTold) -> None:
        """There is more of a trace."""
        self.state.trace = message.shown
        self.refresh_data()

    def on_failed(self, message: Failed) -> None:
        """End: whoever started the app tells why."""
        message.stop()
        self.exit(1)

    def refresh_data(self) -> None:
        """Let the screen on top show the newest; those below it wait, and one that is not there in full yet begins with it.

        There is none while the app ends.
        """
        top = self.screen_stack[-1] if self.screen_stack else None
        show = getattr(top, "refresh_data", None)
        if show is not None and top is not None and top.is_mounted:
            show()

    def action_close(self) -> None:
        """Back to the screen below; a key that comes after it has gone closes nothing more."""
        if self.screen is not self._main:
            self.pop_screen()
        self.refresh_data()

    def action_back_or_quit(self) -> None:
        """One level up; at the root out."""
        if self.screen is not self._main:
            if self._is_too_small:
                self.exit(0)
            else:
                self.action_close()
        elif self._main.places.up():
            self.refresh_data()
        else:
            self.exit(0)

    def action_quit_now(self) -> None:
        """Out, whatever is open."""
        self.exit(0)

    def action_view(self, index: int) -> None:
        """One of the host's views."""
        while self.screen is not self._main:
            self.pop_screen()
        self._main.places.to_view(index)
        self.refresh_data()

    def action_map(self) -> None:
        """The map, from anywhere."""
        while self.screen is not self._main:
            self.pop_screen()
        self._main.action_map()

    def on_tabs_picked(self, message: "Tabs.Picked") -> None:
        """A list was picked on the map."""
        self.action_view(message.index)

    def action_pause(self) -> None:
        """Hold the picture; reading goes on, at a slower beat."""
        self.state.pause()
        self._poller.hold(held=self.state.paused)
        self.refresh_data()

    def action_rewind(self, ticks: int) -> None:
        """Step through what history keeps; the picture is held first."""
        if not self.state.paused and self.state.update is not None:
            self.state.pause()
            self._poller.hold(held=True)
        self.state.rewind(ticks)
        self.refresh_data()

    def action_units(self) -> None:
        """Bits or bytes."""
        self.state.switch_units()
        self.refresh_data()

    def action_metric(self) -> None:
        """Rate, packets, total, drops, peak."""
        self.state.next_metric()
        self.refresh_data()

    def action_speed(self, step: int) -> None:
        """Read oftener or less often."""
        nearest = min(range(len(_SPEEDS)), key=lambda index: abs(_SPEEDS[index] - self.state.interval))
        self.state.interval = self._poller.set_interval(_SPEEDS[max(0, min(nearest + step, len(_SPEEDS) - 1))])
        self.refresh_data()

    def action_help(self) -> None:
        """What the keys do here."""
        from netview.ui.screens.actions import actions  # Later than the first frame.
        from netview.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.state, actions(self.screen.active_bindings.values())))

    def action_palette(self) -> None:
        """Every action by its name."""
        from netview.ui.screens.actions import actions  # Later than the first frame.
        from netview.ui.screens.palette import PaletteScreen

        if not isinstance(self.screen, PaletteScreen):
            found = tuple(action for action in actions(self.screen.active_bindings.values()) if action.key != "palette")
            self.push_screen(PaletteScreen(self.state, found), self._do)

    @property
    def _is_too_small(self) -> bool:
        stack = self.screen_stack
        return bool(stack) and stack[-1].has_class("too-small")

    def _begin(self) -> None:
        self._collector.settle()
        self._poller.start(self._deliver, at_once=True)

    def _repaint(self, _app: App[int]) -> None:
        """After ^Z and fg the terminal holds nothing of the picture."""
        self.refresh(layout=True)

    def _expect(self) -> None:
        """Say so if the next sample does not come: a timer that never fires while they do."""
        if self._overdue is not None:
            self._overdue.stop()
        if self._options.mode != "REPLAY":
            self._overdue = self.set_timer(max(_OVERDUE * self._poller.beat_s, _OVERDUE_S), self._stale)

    def _stale(self) -> None:
        self.state.stale_s = time.monotonic() - self._updated_at
        self.refresh_data()
        self._expect()

    async def _do(self, action: "Action | None") -> None:
        if action is not None:
            await self.run_action(action.action, action.node)

    def _deliver(self, update: Update) -> None:
        """Called in the poller's thread; the loop may be gone already."""
        with suppress(RuntimeError):
            self.post_message(Updated(update))

    def _seek(self) -> None:
        """Open on the name that was asked for."""
        snapshot, update = self.state.snapshot, self.state.update
        if self._sought is None or snapshot is None or update is None:
            return
        from netview.derive.find import find  # Only where a name was given.

        found = find(snapshot, self._sought)
        if found:
            self._main.reveal(found[0])
            self._sought = None
        elif update.generation >= _PATIENCE:
            self.notify(f"nothing here is called {safe(self._sought)}", markup=False)
            self._sought = None

    def _handle_exception(self, error: Exception) -> None:
        """One safe line instead of a traceback with everybody's names and locals in it."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            told = None if self._options.on_crash is None else self._options.on_crash(error)
            self._exit_renderables.append(Text(safe(told or f"netview: {type(error).__name__}: {error}")))
        self._close_messages_no_wait()
