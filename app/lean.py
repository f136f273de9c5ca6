"""What libraries load at their own import though nothing here uses it: left out, for a quick start.

Each costs as much as a good part of our own code. The libraries do without: see each function.
"""

import sys


def load_asyncio() -> None:
    """Import asyncio without its TLS, as where Python was built without any: nothing here uses it.

    Whatever imports `ssl` afterwards has it.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # makes an import of it fail
    try:
        import asyncio  # noqa: F401
    finally:
        del sys.modules["ssl"]
