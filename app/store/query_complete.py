"""Complete a filter as it is typed: fields, then their values."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from app.store.query_fields import Field, Vocabulary
from app.store.query_lexer import Token, tokens

MOST_OPTIONS = 50
_PLAIN_TIMES = ("today", "yesterday", "10m", "1h", "1d", "never")
_PLAIN_DURATIONS = ("1s", "10s", "1m", "10m", "1h", "none")

KnownValues = Callable[[str], Iterable[str]]  # the field's name → values that rows have now


class Option(Struct, frozen=True):
    """One way to go on: `insert` replaces the characters `start` to `end` of the filter."""

    insert: str
    start: int
    end: int
    help: str = ""


def complete(
    text: str, cursor: int, vocabulary: Vocabulary, known: KnownValues | None = None
) -> list[Option]:
    """Return the ways to go on at `cursor`, best first; none inside a phrase or a pattern.

    `known` names values that the rows have: groups, tags, names, sessions.
    """
    token = next((each for each in tokens(text[:cursor]) if each.end == cursor), None)
    if token is None:
        return _fields("", cursor, cursor, vocabulary)
    if token.kind in {"phrase", "pattern"}:
        return []
    if token.kind == "word":
        start = token.start + token.negated
        return _fields(token.text, start, cursor, vocabulary)
    return _values(token, vocabulary.fields.get(token.text), cursor, known)


def _fields(prefix: str, start: int, end: int, vocabulary: Vocabulary) -> list[Option]:
    wanted = prefix.lower()
    return [
        Option(f"{field.name}:", start, end, field.help)
        for field in vocabulary.fields.values()
        if field.name.startswith(wanted)
    ]


def _values(
    token: Token, field: Field | None, cursor: int, known: KnownValues | None
) -> list[Option]:
    if field is None or not token.values:
        return []
    value = token.values[-1]
    wanted = value.text.lower()
    candidates = dict.fromkeys(_candidates(field, known))
    starting = [each for each in candidates if each.lower().startswith(wanted)]
    holding = [each for each in candidates if wanted in each.lower() and each not in starting]
    return [
        Option(_quoted(each), value.start, cursor, field.help)
        for each in [*starting, *holding][:MOST_OPTIONS]
        if each.lower() != wanted
    ]


def _candidates(field: Field, known: KnownValues | None) -> Iterable[str]:
    if field.kind == "words":
        yield from dict.fromkeys(field.words.values())
    elif field.kind == "time":
        yield from _PLAIN_TIMES
    elif field.kind == "duration":
        yield from _PLAIN_DURATIONS
    if known is not None:
        yield from sorted(known(field.name))


def _quoted(value: str) -> str:
    needs_quotes = any(char.isspace() or char in ',*?"' for char in value)
    return f'"{value.replace(chr(34), "")}"' if needs_quotes else value
