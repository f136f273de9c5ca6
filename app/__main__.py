"""The command `tocsin`."""

import os
import sys
import threading

from app.cli.lifetime import lives_briefly


def main() -> int:
    """Run the command line and return its exit status.

    Most commands live for a third of a second, so they look for garbage seldom, and when nothing is
    left to be done the process ends at once: to take down every loaded module one by one would take
    as long as the answer itself.
    """
    lives_briefly()
    from app.cli.boundary import run

    status = run(sys.argv[1:])
    if threading.active_count() == 1:
        sys.stderr.flush()
        os._exit(status)  # standard output was flushed, and its failure told, by `run`
    return status


if __name__ == "__main__":
    sys.exit(main())
