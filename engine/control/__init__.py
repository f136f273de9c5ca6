"""The system API: what operators may ask, one for Python, command line and console alike.

`open_system` is imported when it is asked for: it brings the store along, which `tocsin --help`
need not pay for.
"""

from typing import TYPE_CHECKING, Any

from engine.control.actor import Actor, current_actor
from engine.control.outcome import Outcome

if TYPE_CHECKING:
    from engine.control.system import System, open_system

__all__ = ["Actor", "Outcome", "System", "current_actor", "open_system"]


def __getattr__(name: str) -> Any:
    if name not in {"System", "open_system"}:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from engine.control import system

    return getattr(system, name)
