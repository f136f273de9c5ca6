"""The filter language: one parser for the console, the command line and saved filters.

    word  "a b"  !word  /pattern/  field:value,value  field>value

Terms are ANDed; `!` before any term turns it around; values of one term are ORed. Words look into
the name, the description and the tags. A wrong term is a `Problem` with its place in the text: the
right ones still filter, and nothing is ever dropped in silence.
"""

import re
from collections.abc import Iterable
from datetime import UTC, tzinfo
from difflib import get_close_matches
from functools import lru_cache, reduce
from typing import Any

from msgspec import Struct

from app.store.query_fields import Predicate, Row, Test, Until, Vocabulary, soonest
from app.store.query_groups import GROUPS
from app.store.query_instances import INSTANCES
from app.store.query_jobs import JOBS
from app.store.query_lexer import Token, tokens
from app.store.query_refusals import TermError, cited
from app.store.query_regex import PatternError, compile_pattern
from app.store.query_terms import field_test, negated
from engine.clock import Instant
from engine.errors import UsageError

__all__ = [
    "GROUPS",
    "INSTANCES",
    "JOBS",
    "Blame",
    "Problem",
    "Query",
    "Term",
    "Vocabulary",
    "parse",
]

LONGEST_FILTER = 1000
_SEARCHED = 400  # characters of a row that a pattern looks at
_MOST_HAYSTACKS = 300_000


class Problem(Struct, frozen=True):
    """A wrong term: the characters `start` to `end` of the filter, and what is wrong."""

    start: int
    end: int
    message: str


class Term(Struct, frozen=True):
    """A right term, and what it asks of a row."""

    text: str
    start: int
    end: int
    test: Test
    cost: int  # cheap ones are asked first
    field: str = ""  # that it asks for; "": it looks for a text


class Blame(Struct, frozen=True):
    """Which term left no row: by itself, or together with the ones before it."""

    term: Term
    alone: bool
    left_before: int  # rows that the terms before it had left


class Query(Struct, frozen=True):
    """A parsed filter."""

    text: str
    terms: tuple[Term, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it lets every row through."""
        return not self.terms

    def matcher(self, now: Instant) -> Predicate | None:
        """Return the predicate of all terms as of `now`; None where every row matches.

        Durations and times of day are relative to `now`: ask anew as time passes, of the rows
        whose `until` has come.
        """
        if not self.terms:
            return None
        ordered = sorted(self.terms, key=lambda term: term.cost)
        tests = [term.test.at(now) for term in ordered]
        return reduce(_both, tests)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that its terms ask for."""
        return frozenset(term.field for term in self.terms if term.field)

    def without(self, fields: frozenset[str]) -> "Query":
        """Return the filter less the terms that ask for `fields`: it lets no fewer rows through."""
        return Query(self.text, tuple(term for term in self.terms if term.field not in fields))

    @property
    def until(self) -> Until | None:
        """From when on a row may pass, or not, with time alone; None: no term tells time."""
        return soonest(term.test.until for term in self.terms)

    def matches(self, row: Row, now: Instant) -> bool:
        """Whether one row passes."""
        matcher = self.matcher(now)
        return matcher is None or matcher(row)

    def blame(self, rows: Iterable[Row], now: Instant) -> Blame | None:
        """Return the term that left no row; None where a row matches or there is none."""
        left = known = list(rows)
        for term in self.terms:
            test = term.test.at(now)
            before, left = len(left), [row for row in left if test(row)]
            if not left:
                alone = not any(test(row) for row in known)
                return Blame(term, alone, before) if known else None
        return None

    def checked(self) -> "Query":
        """Return the query itself, for callers that act on it.

        Raises:
            UsageError: it has wrong terms; the first one's message, the others as detail.
        """
        if not self.problems:
            return self
        lines = [
            f"filter, column {problem.start + 1}: {problem.message}" for problem in self.problems
        ]
        raise UsageError(lines[0], detail="\n".join(lines[1:]))


@lru_cache(maxsize=64)
def _parsed(text: str, noun: str, zone: tzinfo) -> Query:
    vocabulary = _VOCABULARIES[noun]
    terms: list[Term] = []
    problems: list[Problem] = []
    if len(text) > LONGEST_FILTER:
        message = f"a filter is at most {LONGEST_FILTER} characters long"
        problems.append(Problem(LONGEST_FILTER, len(text), message))
        text = text[:LONGEST_FILTER]
    for token in tokens(text):
        try:
            test, cost = _test_of(token, vocabulary, zone)
        except TermError as error:
            start, end = error.place or (token.start, token.end)
            problems.append(Problem(start, end, str(error)))
        else:
            shown = text[token.start : token.end]
            field = token.text if token.kind == "field" else ""
            terms.append(Term(shown, token.start, token.end, test, cost, field))
    return Query(text, tuple(terms), tuple(problems))


_VOCABULARIES = {each.noun: each for each in (JOBS, INSTANCES, GROUPS)}


def parse(text: str, vocabulary: Vocabulary = JOBS, zone: tzinfo = UTC) -> Query:
    """Return the filter that `text` means; dates and times of day in it are read in `zone`."""
    return _parsed(text, vocabulary.noun, zone)


def _test_of(token: Token, vocabulary: Vocabulary, zone: tzinfo) -> tuple[Test, int]:
    if token.problem:
        raise TermError(token.problem)
    if token.kind == "field":
        field = vocabulary.fields.get(token.text)
        if field is None:
            raise TermError(_unknown_field(token.text, vocabulary))
        test, cost = field_test(field, token, zone), 1
    elif token.kind == "pattern":
        test, cost = _pattern_test(token.text, vocabulary), 3
    else:
        test, cost = _word_test(token, vocabulary, zone), 2
    return (negated(test) if token.negated else test), cost


def _both(first: Predicate, second: Predicate) -> Predicate:
    return lambda row: first(row) and second(row)


def _unknown_field(name: str, vocabulary: Vocabulary) -> str:
    known = vocabulary.other_words.get(name.lower())
    near = [known] if known else get_close_matches(name, vocabulary.fields, n=1)
    nearest = f" (nearest: {near[0]})" if near else ""
    fields = "" if near else f"; fields: {' '.join(vocabulary.fields)}"  # last: it may be cut
    return f"no field {cited(name)}{nearest}; quote a word with a colon{fields}"


def _word_test(token: Token, vocabulary: Vocabulary, zone: tzinfo) -> Test:
    word = token.text.lower()
    if not word:
        raise TermError("nothing follows the '!'" if token.kind == "word" else "an empty phrase")
    number = word[1:]
    if vocabulary.number_sign and word[0] == "#" and number.isascii() and number.isdigit():
        by_number = tokens(f"{vocabulary.number_sign}:{number}")[0]
        return field_test(vocabulary.fields[vocabulary.number_sign], by_number, zone)
    holds = _TEXTS[vocabulary.noun].containing(word)
    return Test(lambda _now: holds)


def _pattern_test(source: str, vocabulary: Vocabulary) -> Test:
    try:
        pattern = compile_pattern(source)
    except PatternError as error:
        raise TermError(str(error)) from None
    holds = _TEXTS[vocabulary.noun].matching(pattern)
    return Test(lambda _now: holds)


class _Haystacks:
    """The lower-case text of each row, made once for as long as its parts stay the same objects.

    A live row is replaced many times a second, its name and description hardly ever.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._make = vocabulary.haystack
        self._known: dict[str, tuple[Any, Any, str]] = {}

    def containing(self, needle: str) -> Predicate:
        """Return the predicate of the rows whose text holds `needle`."""
        known_of, remember = self._known.get, self._remember

        def holds(row: Row) -> bool:
            known = known_of(row.name)
            if known is not None and known[0] is row.description and known[1] is row.tags:
                return needle in known[2]
            return needle in remember(row)

        return holds

    def matching(self, pattern: re.Pattern[str]) -> Predicate:
        """Return the predicate of the rows in whose text `pattern` is found."""
        known_of, remember, search = self._known.get, self._remember, pattern.search

        def holds(row: Row) -> bool:
            known = known_of(row.name)
            if known is not None and known[0] is row.description and known[1] is row.tags:
                return search(known[2], 0, _SEARCHED) is not None
            return search(remember(row), 0, _SEARCHED) is not None

        return holds

    def _remember(self, row: Row) -> str:
        if len(self._known) > _MOST_HAYSTACKS:
            self._known.clear()
        text = self._make(row)
        self._known[row.name] = (row.description, row.tags, text)
        return text


class _Unkept:
    """The texts of rows that come and go, made as they are asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._make = vocabulary.haystack

    def containing(self, needle: str) -> Predicate:
        """Return the predicate of the rows whose text holds `needle`."""
        make = self._make
        return lambda row: needle in make(row)

    def matching(self, pattern: re.Pattern[str]) -> Predicate:
        """Return the predicate of the rows in whose text `pattern` is found."""
        make = self._make
        return lambda row: pattern.search(make(row), 0, _SEARCHED) is not None


_TEXTS: dict[str, _Haystacks | _Unkept] = {
    JOBS.noun: _Haystacks(JOBS),
    INSTANCES.noun: _Unkept(INSTANCES),
    GROUPS.noun: _Unkept(GROUPS),
}
