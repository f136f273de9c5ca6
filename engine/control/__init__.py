"""The system API: what operators may ask, one for Python, command line and console alike."""

from engine.control.actor import Actor, current_actor
from engine.control.outcome import Outcome
from engine.control.system import System, open_system

__all__ = ["Actor", "Outcome", "System", "current_actor", "open_system"]
