"""The command `tocsin`."""

import os
import sys
import threading

from app.cli.foreseen import opens_screen
from app.client.first_look import FirstLook
from app.lifetime import lives_briefly


def main() -> int:
    """Run the command line and return its exit status.

    Most commands live for a third of a second, so they look for garbage seldom, and when nothing is
    left to be done the process ends at once: to take down every loaded module one by one would take
    as long as the answer itself.
    """
    lives_briefly()
    arguments = sys.argv[1:]
    first_look = FirstLook() if opens_screen(arguments) else None  # before all that takes time
    from app.cli.boundary import run

    status = run(arguments, first_look)
    if first_look is not None:
        first_look.drop()  # else it would keep the terminal for a moment
    if threading.active_count() == 1:
        sys.stderr.flush()
        os._exit(status)  # standard output was flushed, and its failure told, by `run`
    return status


if __name__ == "__main__":
    sys.exit(main())
