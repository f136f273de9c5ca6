"""What YAML's own complaints mean, said for somebody who writes a job and not a parser."""

from typing import Any

import yaml

from engine.definitions.problems import FileProblems

_QUOTE = 'write the value in quotes, as in schedule: "*/10 * * * *"'
_CORE = "tag:yaml.org,2002:"


def explain(error: yaml.YAMLError, text: str, problems: FileProblems) -> None:
    """Note a syntax error where it is, with what to do about it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        _explain_character(error, problems)
        return
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or "not valid YAML")
    line, column = mark.line + 1, mark.column + 1
    if context == "while scanning an alias":
        start: Any = getattr(error, "context_mark", None) or mark
        problems.at_place(
            start.line + 1, start.column + 1, f"a value that begins with * needs quotes: {_QUOTE}"
        )
        return
    problems.at_place(line, column, _in_words(context, problem, text, mark.line, mark.column))


def _in_words(context: str, problem: str, text: str, line: int, column: int) -> str:
    found = _character(text, line, column)
    if "cannot start any token" in problem:
        if found == "\t":
            return "found a tab where the indentation is; YAML accepts only spaces"
        return f"a value cannot begin with '{found}'; {_QUOTE}"
    if "tab character" in problem:
        return "found a tab where the indentation is; YAML accepts only spaces"
    if "mapping values are not allowed" in problem:
        return (
            "found a second ': ' on this line, or an indentation that does not fit; "
            "a text that holds ': ' needs quotes"
        )
    if "unexpected end of stream" in problem and "quoted" in context:
        return "a quote is opened and never closed"
    if "expected ',' or '" in problem:
        return "a [ list ] or { mapping } is opened and not closed, or a comma is missing"
    where = f" {context}" if context else ""
    return f"not valid YAML: {problem}{where}"


def _character(text: str, line: int, column: int) -> str:
    lines = text.split("\n", line + 1)
    return lines[line][column : column + 1] if line < len(lines) else ""


def _explain_character(error: yaml.YAMLError, problems: FileProblems) -> None:
    character = getattr(error, "character", None)
    code = ord(character) if isinstance(character, str) else int(character or 0)
    problems.at_place(1, 1, f"not valid YAML: character U+{code:04X} is not accepted")


def short_tag(tag: str) -> str:
    """Return a tag as people write it: `!!python/name:os.system`."""
    return f"!!{tag[len(_CORE) :]}" if tag.startswith(_CORE) else tag[:120]
