"""What comes from the terminal, by Textual's own driver but for what would end the app."""

import signal
from codecs import IncrementalDecoder, getincrementaldecoder
from contextlib import suppress
from functools import partial

from textual.drivers import linux_driver


class TerminalDriver(linux_driver.LinuxDriver):
    """Goes on after what is no text and no key, and after a ^Z where no shell could let it go on; tells mistakes as others."""

    _suspended = False

    def _sigtstp_application(self, *_: object) -> None:
        self.suspend_application_mode()
        self._must_signal_resume = self._suspended = True
        # Not SIGSTOP as Textual has it: the kernel stops nobody by SIGTSTP in a process group that no shell looks after, as under
        # `ssh -t HOST netview`, nor the first process of a container.
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        if self._suspended:
            self._sigcont_application()

    def _sigcont_application(self, *_: object) -> None:
        if not self._suspended:
            # Stopped without asking: what the shell made of the terminal meanwhile is undone.
            self.suspend_application_mode()
            self._must_signal_resume = True
        self._suspended = False
        self.resume_application_mode()

    def _run_input_thread(self) -> None:
        try:
            while not self.exit_event.is_set():
                # Textual's parser knows no key beyond the last character, and with it goes what was read at once.
                with suppress(ValueError):
                    self.run_input_thread()
        except OSError:
            # The terminal has gone, perhaps without SIGHUP.
            self._app.call_later(self._app.exit, 128 + signal.SIGHUP)
        except Exception as error:  # noqa: BLE001 - whatever it is: Textual would print it with its source
            self._app.call_later(_raise, error)


def _raise(error: Exception) -> None:
    raise error


def _lenient(encoding: str) -> "partial[IncrementalDecoder]":
    return partial(getincrementaldecoder(encoding), "replace")


# Textual decodes strictly: one byte of a paste in Latin-1, or of a Meta key of eight bits, ended the thread that reads.
linux_driver.getincrementaldecoder = _lenient  # type: ignore[attr-defined, assignment]
