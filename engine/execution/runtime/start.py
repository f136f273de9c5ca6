"""Start a part of the runtime by path: `python -I -S start.py supervisor SESSION`.

This folder becomes the package `_tocsin_runtime`: its files import each other relatively, and
nothing of ours is importable as `engine` or `app`.
"""

import os
import sys

PACKAGE = "_tocsin_runtime"

if __name__ == "__main__":
    _here = os.path.dirname(os.path.abspath(__file__))
    _package = type(sys)(PACKAGE)
    _package.__path__ = [_here]
    sys.modules[PACKAGE] = _package
    sys.path[:] = [entry for entry in sys.path if entry != _here]
    sys.path.append(_here + "/lib")  # holds `jobapi` alone
    _part = __import__(f"{PACKAGE}.{sys.argv[1]}", fromlist=["main"])
    _part.main(sys.argv[2:])
