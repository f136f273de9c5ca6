"""A process that hosts an engine until it is killed: `python -m tests.chaos.host HOME [SIZE]`.

Prints one line when it is ready. SIGTERM stops cleanly, SIGUSR1 hands over. The kernel kills it
when it writes a file beyond SIZE bytes.
"""

import resource
import signal
import sys
from pathlib import Path

from engine.config import load_settings
from engine.engine import Engine


def main(home: str, size: str = "") -> None:
    """Host an engine on the store of `home`."""
    if size:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), hard))
    engine = Engine(load_settings(Path(home)))
    signal.signal(signal.SIGTERM, lambda *_: engine.stop(5.0))
    signal.signal(signal.SIGUSR1, lambda *_: engine.hand_over())
    engine.start()
    print("ready", flush=True)
    while not engine.wait(0.2):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
