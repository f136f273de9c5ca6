"""What job code hands over: plain data, texts, numbers and moments, as they are or refused."""

from __future__ import annotations

from .errors import JobApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEEPEST = 100
_WIDEST = 1024  # bits of a whole number
_FURTHEST = 200 * 366 * 86_400  # seconds from now; nothing is planned so far ahead
_RULE = "Plain data: mappings with text as keys, lists, text, numbers, true, false, None."


def plain(what: str, data: Any, place: str = "", inside: tuple[int, ...] = ()) -> Any:
    """Return a copy of plain data, or refuse what is none (see `_RULE`)."""
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, str):
        return _unicode(what, str(data), place)
    if isinstance(data, (int, float)):
        return _plain_number(what, data, place)
    if id(data) in inside:
        raise _refusal(what, place, "contains itself")
    if len(inside) >= _DEEPEST:
        raise _refusal(what, place, f"is nested more than {_DEEPEST} deep")
    deeper = (*inside, id(data))
    if isinstance(data, (list, tuple)):
        return [plain(what, each, f"{place}[{n}]", deeper) for n, each in enumerate(data)]
    if hasattr(data, "keys") and hasattr(data, "__getitem__"):
        return _plain_mapping(what, data, place, deeper)
    raise _refusal(what, place, f"is {kind(data)}, which is no plain data")


def _plain_number(what: str, data: float, place: str) -> float:
    if isinstance(data, int):
        if data.bit_length() > _WIDEST:
            raise _refusal(what, place, "is a number of too many digits")
        return int(data)
    if data - data != 0:  # neither NaN nor an infinity leaves nothing
        raise _refusal(what, place, f"is {data}, which is no plain number")
    return float(data)


def _plain_mapping(what: str, data: Any, place: str, inside: tuple[int, ...]) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key in data.keys():  # noqa: SIM118 any mapping will do
        if not isinstance(key, str):
            raise _refusal(what, place, f"has the key {key!r}, which is no text")
        at = f"{place}.{key}" if place else key
        copy[_unicode(what, key, place)] = plain(what, data[key], at, inside)
    return copy


def _unicode(what: str, text: str, place: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refusal(what, place, "holds half a character") from None
    return text


def _refusal(what: str, place: str, problem: str) -> JobApiError:
    where = f"{what}: '{place}'" if place else what
    return JobApiError(f"{where} {problem}. {_RULE}")


def kind(data: object) -> str:
    """Return what sort of thing `data` is, with its article."""
    name = type(data).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def text_of(text: object) -> str:
    """Return a text that can be kept and shown, half characters and NUL spelt out."""
    return str(text).encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def number(what: str, value: Any) -> float:
    """Return a finite number, or refuse what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value - value:
        message = f"{what} must be a number, not {value!r}"
        raise JobApiError(message)
    try:
        return float(value)
    except OverflowError:
        message = f"{what} is a number of too many digits"
        raise JobApiError(message) from None


def formatted(text: object, args: tuple[Any, ...]) -> str:
    """Return `text % args`; without arguments a percent sign is one."""
    if not args:
        return text_of(text)
    try:
        return text_of(str(text) % args)
    except (TypeError, ValueError, KeyError) as error:
        message = f"the text {text!r} does not take these arguments: {error}"
        raise JobApiError(message) from None


def moment(when: Any) -> tuple[int | None, float | None]:
    """Return a moment as microseconds since the epoch, or as seconds from now."""
    from datetime import datetime, timedelta, timezone

    if isinstance(when, timedelta):
        return None, _seconds_ahead(when.total_seconds())
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when.replace("Z", "+00:00"))  # noqa: FURB162 for 3.10
        except ValueError:
            message = f"{when!r} is no ISO 8601 instant such as 2026-11-23T07:00:00Z"
            raise JobApiError(message) from None
    if isinstance(when, datetime):
        if when.tzinfo is None:
            message = f"{when} has no time zone, so it names no instant"
            raise JobApiError(message)
        epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 also runs under older Pythons
        return (when - epoch) // timedelta(microseconds=1), None
    return None, _seconds_ahead(number("when", when))


def _seconds_ahead(seconds: float) -> float:
    """Return a time from now, if a run can be planned then; what is long past stays past."""
    if seconds > _FURTHEST:
        message = f"no run is planned {seconds:g} seconds from now: at most {_FURTHEST}"
        raise JobApiError(message)
    return max(seconds, -_FURTHEST)
