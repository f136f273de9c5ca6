"""Cut a filter into terms, each with its place in the text.

term   = ["!"] ( /pattern/ | "a phrase" | word | field op value {"," value} )
op     = ":" | "=" | "!=" | ">" | ">=" | "<" | "<="
"""

import re
from typing import Literal

from msgspec import Struct

Operator = Literal[":", "!=", ">", ">=", "<", "<="]
_NO_QUOTE = "the closing quote is missing"
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(!=|>=|<=|[:=<>])")


class Value(Struct, frozen=True):
    """One value of a field term, and where it stands."""

    text: str
    start: int
    end: int
    quoted: bool = False


class Token(Struct, frozen=True):
    """One term as it was written."""

    kind: Literal["word", "phrase", "pattern", "field"]
    start: int
    end: int
    text: str  # without quotes, slashes and `!`; the field's name in lower case
    negated: bool = False
    operator: Operator = ":"
    values: tuple[Value, ...] = ()
    problem: str = ""  # what is wrong with how it is written


def tokens(text: str) -> list[Token]:
    """Return the terms of `text` in order; nothing is left out but the blanks between them."""
    found = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        found.append(token)
        at = token.end
    return found


def _token(text: str, start: int) -> Token:
    at = start
    negated = text[at] == "!"
    if negated:
        at += 1
    if at < len(text) and text[at] == "/":
        inner, end, closed = _delimited(text, at, "/")
        problem = "" if closed else 'a pattern ends with "/"; a word with slashes goes into quotes'
        return Token("pattern", start, end, inner, negated, problem=problem)
    if at < len(text) and text[at] == '"':
        inner, end, closed = _delimited(text, at, '"')
        return Token("phrase", start, end, inner, negated, problem="" if closed else _NO_QUOTE)
    field = _FIELD.match(text, at)
    if field is None:
        end = _end_of_word(text, at)
        return Token("word", start, end, text[at:end], negated)
    values, end, problem = _values(text, field.end())
    operator = _OPERATORS[field[2]]
    return Token("field", start, end, field[1].lower(), negated, operator, values, problem)


_OPERATORS: dict[str, Operator] = {
    ":": ":",
    "=": ":",
    "!=": "!=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
}


def _end_of_word(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at


def _delimited(text: str, at: int, mark: str) -> tuple[str, int, bool]:
    """Return what stands between two marks, where it ends, and whether it ends at all."""
    begin = at + 1
    end = begin
    while end < len(text):
        if text[end] == "\\" and mark == "/":
            end += 2
            continue
        if text[end] == mark and (mark == '"' or end + 1 == len(text) or text[end + 1].isspace()):
            return text[begin:end], end + 1, True
        end += 1
    return text[begin:], len(text), False


def _values(text: str, at: int) -> tuple[tuple[Value, ...], int, str]:
    """Return the values after an operator, the end of the term, and what is wrong with it."""
    values = []
    while True:
        if at < len(text) and text[at] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                values.append(Value(text[at + 1 :], at, len(text), quoted=True))
                return tuple(values), len(text), _NO_QUOTE
            end += 1
            values.append(Value(text[at + 1 : end - 1], at, end, quoted=True))
        else:
            end = at
            while end < len(text) and not text[end].isspace() and text[end] != ",":
                end += 1
            values.append(Value(text[at:end], at, end))
        if end < len(text) and text[end] == ",":
            at = end + 1
            continue
        stray = _end_of_word(text, end)
        return tuple(values), stray, "" if stray == end else "a blank follows a closing quote"
