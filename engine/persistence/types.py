"""Column types: instants in UTC, words of an enumeration, and plain data as JSON text.

Each type hands the driver's value straight to one function per direction, because a hundred
thousand jobs have millions of values.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from engine.clock import Instant

type_processor = Callable[[Any], Any] | None

_EPOCH_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - SQLite's text has no zone: it is UTC by contract
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT_LENGTH = 26  # "2026-11-22 19:00:00.000000"


@lru_cache(maxsize=4096)  # rows that are written together share most of their instants
def to_text(instant: Instant) -> str:
    """Return an instant as `2026-11-22 19:00:00.000000`, which sorts like time."""
    moment = _EPOCH_NAIVE + timedelta(microseconds=instant)
    return moment.isoformat(" ", "microseconds")


def _to_text_or_null(instant: Instant | None) -> str | None:
    return None if instant is None else to_text(instant)


def _from_text(text: str | None) -> Instant | None:
    if text is None:
        return None
    since = datetime.fromisoformat(text) - _EPOCH_NAIVE
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _to_timestamp(instant: Instant | None) -> datetime | None:
    return None if instant is None else _EPOCH + timedelta(microseconds=instant)


def _from_timestamp(moment: datetime | None) -> Instant | None:
    if moment is None:
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class UtcInstant(TypeDecorator[Instant]):
    """An `Instant` as a timestamp that people can read: text on SQLite, TIMESTAMPTZ elsewhere."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text that sorts like time on SQLite; the real thing elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(_TEXT_LENGTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> type_processor:
        """Turn microseconds into the database's own timestamp."""
        return _to_text_or_null if dialect.name == "sqlite" else _to_timestamp

    def result_processor(self, dialect: Dialect, coltype: object) -> type_processor:
        """Turn the database's timestamp into microseconds."""
        del coltype
        return _from_text if dialect.name == "sqlite" else _from_timestamp


class Word(TypeDecorator[Any]):
    """One word of a `StrEnum`, stored as its text."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words = words

    def bind_processor(self, dialect: Dialect) -> type_processor:
        """Store the text: drivers know nothing of enumerations."""
        del dialect
        return lambda word: None if word is None else str(word)

    def result_processor(self, dialect: Dialect, coltype: object) -> type_processor:
        """Look the word up; a text that is no such word is an error, never passed on."""
        del dialect, coltype
        by_text: dict[str | None, StrEnum | None] = {word.value: word for word in self.words}
        by_text[None] = None
        return by_text.__getitem__


def storable(text: str) -> str:
    """Return `text` without what no database takes: NUL, and halves of characters.

    Jobs write what they like: a name with a broken encoding must not keep an end from its record.
    """
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if not text.isascii():
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _storable_or_null(text: str | None) -> str | None:
    return None if text is None else storable(text)


class AnyText(TypeDecorator[str]):
    """Text from anywhere; see `storable`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> type_processor:
        """Replace what cannot be stored."""
        del dialect
        return _storable_or_null


def to_json(value: Any) -> str:
    """Return plain data as JSON text.

    Raises:
        ValueError, TypeError: it is not plain, or has a number that JSON has not.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character: JSON can write it, UTF-8 cannot
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text


def _dump(value: Any) -> str | None:
    return None if value is None else to_json(value)


def _load(text: str | None) -> Any:
    if text is None:
        return None
    return {} if text == "{}" else json.loads(text)


class Json(TypeDecorator[Any]):
    """Plain data (no objects, no NaN) as JSON text, the same on every database; None is NULL."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> type_processor:
        """Turn plain data into JSON text."""
        del dialect
        return _dump

    def result_processor(self, dialect: Dialect, coltype: object) -> type_processor:
        """Turn JSON text into plain data."""
        del dialect, coltype
        return _load


_NOTHING: frozenset[str] = frozenset()


class Names(TypeDecorator[frozenset[str]]):
    """A small set of names, as words separated by spaces."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> type_processor:
        """Write the names in order, so that equal sets are equal texts."""
        del dialect
        return lambda names: " ".join(sorted(names))

    def result_processor(self, dialect: Dialect, coltype: object) -> type_processor:
        """Read the names back."""
        del dialect, coltype
        return lambda text: frozenset(text.split()) if text else _NOTHING
