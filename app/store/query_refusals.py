"""What is said of a wrong term."""

from app.sanitize import ellipsis
from app.store.query_fields import Field
from app.store.query_lexer import Value

_CITED = 24  # characters of what was typed


class TermError(ValueError):
    """A wrong term; `place` narrows it down to one value."""

    def __init__(self, message: str, value: Value | None = None) -> None:
        super().__init__(message)
        self.place = None if value is None else (value.start, value.end)


def cited(text: str) -> str:
    """Return what was typed in quotes, no more of it than a message has room for."""
    return f"'{text}'" if len(text) <= _CITED else f"'{text[:_CITED]}{ellipsis()}'"


def example(field: Field) -> str:
    """Return what `field` takes."""
    if field.kind == "words":
        return " ".join(sorted(set(field.words.values())))
    return {
        "text": "part of it, or a pattern with * and ?",
        "names": "a name, or a pattern with * and ?",
        "number": "a number",
        "duration": "a duration such as 90s or 1h30m",
        "time": "a duration such as 2h, a date or a time of day",
    }[field.kind]


def not_taken(field: Field, value: Value) -> TermError:
    """Return the refusal of a value that `field` does not take."""
    message = f"'{field.name}' takes {example(field)}, not {cited(value.text)}"
    return TermError(message, value)
