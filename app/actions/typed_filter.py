"""Whether what was typed after a verb is a filter of jobs, or tells them by their names."""

from app.store.query_lexer import tokens
from app.store.store import ConsoleStore


def is_filter(text: str, store: ConsoleStore) -> bool:
    """Whether jobs are told by a filter, as in `group:billing`, `fails>=3`, `!test` or `/eu$/`.

    A name that looks like one is that job; `f:` says already that a filter follows.
    """
    if text.startswith("f:") or all(store.job(word) is not None for word in text.split()):
        return False
    return any(token.negated or token.kind != "word" for token in tokens(text))
