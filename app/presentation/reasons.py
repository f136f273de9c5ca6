"""Why something failed, in one line for who reads it."""

from engine.errors import TocsinError


def reason_of(error: BaseException) -> str:
    """Return what went wrong: the engine's own words, or the file that the system refused."""
    if isinstance(error, TocsinError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"
