"""What a command line will come to, told before anything is loaded that could parse it."""

import os
import sys
from collections.abc import Sequence

WITH_VALUE = ("--home", "--db", "--instance")
_NO_SCREEN = ("--plain", "--help", "-h", "--version")


def opens_screen(arguments: Sequence[str]) -> bool:
    """Return whether this looks like the console on a terminal.

    A guess: what follows from it is only what is got ready, never what is done.
    """
    if sys.stderr is None or not (os.isatty(0) and os.isatty(1)):
        return False
    if any(each in _NO_SCREEN for each in arguments) or "_TOCSIN_COMPLETE" in os.environ:
        return False
    words = [
        word
        for before, word in zip(("", *arguments), arguments, strict=False)
        if not word.startswith("-") and before not in WITH_VALUE
    ]
    return words in ([], ["console"])
