"""The terminal's driver: it waits for keys as long as none comes, and costs nothing meanwhile.

Textual's own looks ten times a second, so that a lone escape is told from the start of a sequence.
That matters only just after something came.

A terminal that goes away tells only the processes whose own it is; others tell themselves (SIGHUP).
"""

import errno
import os
import select
import signal
import sys
import termios
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from app.key_parser import KeyParser
from app.pasted import PasteFilter

_LOOK_SECONDS = 0.1
_RESTS_AFTER = 20  # looks at which nothing came: any escape has been told by then
_CHUNK = 4096


class PatientDriver(LinuxDriver):
    """A driver whose thread sleeps until a key comes or the input ends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = sys.__stdout__  # a terminal, or there is no screen; errors may go to a file
        self._pipe: tuple[int, int] | None = None  # its reading and writing end

    def start_application_mode(self) -> None:
        """Take the terminal, at the start and again after an editor or the shell had it."""
        if self._pipe is None:
            self._pipe = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def use_mouse(self, *, on: bool) -> None:
        """Have the terminal tell of the mouse, or no more."""
        self._mouse = True  # else neither is done
        self._enable_mouse_support() if on else self._disable_mouse_support()
        self._mouse = on
        self.flush()

    def let_go_of_keys(self) -> bool:
        """Have keys read as before, from any thread; False: an editor or the shell has them."""
        if self._pipe is None:
            return False
        if self.attrs_before is not None:
            with suppress(OSError, termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        return True

    def disable_input(self) -> None:
        """Wake the thread, so that it sees that it should end."""
        if self._pipe is None:
            super().disable_input()
            return
        woken, waking = self._pipe
        os.write(waking, b"\0")
        super().disable_input()
        os.read(woken, 1)

    def close(self) -> None:
        """Let go of the terminal, for good or until it is taken again."""
        super().close()
        for end in self._pipe or ():
            os.close(end)
        self._pipe = None

    def run_input_thread(self) -> None:
        """Turn what is typed into events until the input ends."""
        if self._pipe is None:
            return
        woken = self._pipe[0]
        parser, pastes = KeyParser(self._debug), PasteFilter()
        # What is no UTF-8 comes from old mouse reports and terminals of another encoding: a sign.
        decode = getincrementaldecoder("utf-8")("replace").decode
        looks = 0
        while not self.exit_event.is_set():
            patience = _LOOK_SECONDS if looks < _RESTS_AFTER else None
            ready = select.select([self.fileno, woken], [], [], patience)[0]
            looks = 0 if ready else looks + 1
            if self.fileno in ready:
                data = self._read()
                if data is None:
                    os.kill(os.getpid(), signal.SIGHUP)  # who is told by nobody else
                    return
                # A slow line brings the bytes of a character one by one: then there is no text yet.
                if (text := pastes.clean(decode(data))) and not self._take(parser, text):
                    parser = KeyParser(self._debug)
            for event in parser.tick():
                self.process_message(event)

    def _read(self) -> bytes | None:
        """Return what came from the terminal; None: it is gone."""
        try:
            data = os.read(self.fileno, _CHUNK)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return None
        return data if data or not self._is_gone() else None

    def _is_gone(self) -> bool:
        """Whether there is no terminal behind the input; else somebody else made ctrl+d its end."""
        watched = select.poll()
        watched.register(self.fileno, 0)  # a hang-up is always told
        return bool(watched.poll(0))

    def _take(self, parser: KeyParser, text: str) -> bool:
        """Turn `text` into events; False: noise looked like a sequence, and the parser is spent."""
        try:
            for event in parser.feed(text):
                self.process_message(event)
        except (ValueError, OverflowError):  # it takes the numbers of a sequence for valid ones
            return False
        return True
