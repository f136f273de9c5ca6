"""systemd's command lines (`ExecStart=`) → shell code that runs the same programs.

systemd is no shell: it splits words itself, replaces `$NAME` and `${NAME}` in them, and knows
specifiers (`%n`). After systemd.service(5), "COMMAND LINES".
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final

_ESCAPES: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "s": " ",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_VARIABLE: Final = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}")
_WORD_VARIABLE: Final = re.compile(r"\$([A-Za-z_]\w*)\Z")
_PREFIXES: Final = "@:+!|-"
_OCTAL: Final = re.compile(r"[0-7]{3}")


class CommandError(ValueError):
    """The command line cannot be carried over; the text says why."""


def shell_code(line: str, specifiers: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return one command line as shell code, and what is worth knowing about it.

    Args:
        line: the value of an `Exec` setting; a `;` that stands alone parts two commands.
        specifiers: what `%n` and so on stand for, by their letter.

    Raises:
        CommandError: it has a specifier or a quote that cannot be carried over.
    """
    commands: list[list[str]] = [[]]
    for raw, word in _words(line):
        if raw == ";":
            commands.append([])
        else:
            commands[-1].append(";" if raw == "\\;" else word)
    done = [_command(words, specifiers) for words in commands if words]
    if not done:
        raise CommandError(f"'{line}' names no program")
    return "\n".join(code for code, _ in done), [each for _, said in done for each in said]


def _command(words: list[str], specifiers: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the shell code of one command, and what is worth knowing about it."""
    path = words[0].lstrip(_PREFIXES)
    marks = words[0].removesuffix(path)
    words = [path, *words[1:]] if path else words[1:]
    if not words:
        raise CommandError(f"'{marks}' names no program")
    said = []
    if "+" in marks or "!" in marks:
        said.append(f"'{marks}' (other privileges for one command) has no counterpart")
    if "@" in marks and len(words) > 1:
        said.append(f"the program's own name for itself, '{words.pop(1)}', is left out")
    substitute = ":" not in marks
    code = " ".join(_in_shell(specified(word, specifiers), substitute=substitute) for word in words)
    return (f"{code} || true" if "-" in marks else code), said


def split_words(text: str) -> list[str]:
    """Split a value into words as systemd does: spaces, both quotes, and C's escapes.

    Raises:
        CommandError: a quote is not closed.
    """
    return [word for _, word in _words(text)]


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each word as it is written, and what it says."""
    word: list[str] | None = None
    quote, at, begun = "", 0, 0
    while at < len(text):
        char = text[at]
        if word is None:
            begun = at
        at += 1
        if char == "\\" and at < len(text):
            char, at = _escaped(text, at)
            word = [*(word or []), char]
        elif quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote, word = char, word or []
        elif not quote and char.isspace():
            if word is not None:
                yield text[begun : at - 1], "".join(word)
            word = None
        else:
            word = [*(word or []), char]
    if quote:
        raise CommandError(f"a quote is opened and never closed: {text}")
    if word is not None:
        yield text[begun:], "".join(word)


def _escaped(text: str, at: int) -> tuple[str, int]:
    char = text[at]
    if char in _ESCAPES:
        return _ESCAPES[char], at + 1
    for letter, digits in (("x", 2), ("u", 4), ("U", 8)):
        number = text[at + 1 : at + 1 + digits]
        if char == letter and re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", number):
            return chr(int(number, 16)), at + 1 + digits
    if match := _OCTAL.match(text, at):
        return chr(int(match[0], 8)), match.end()
    return "\\" + char, at + 1


def specified(text: str, specifiers: Mapping[str, str]) -> str:
    """Return a value with what its specifiers stand for.

    Raises:
        CommandError: one of them is not known.
    """

    def replaced(match: re.Match[str]) -> str:
        letter = match[1]
        if letter == "%":
            return "%"
        if letter not in specifiers:
            raise CommandError(f"the specifier %{letter} is not known here")
        return specifiers[letter]

    return re.sub(r"%(.)", replaced, text)


def _in_shell(word: str, *, substitute: bool) -> str:
    if not substitute or "$" not in word:
        return shlex.quote(word)
    if _WORD_VARIABLE.match(word):
        return word  # split into words, in systemd as in the shell
    parts: list[str] = []
    at = 0
    for match in _VARIABLE.finditer(word):
        parts.append(_in_double_quotes(word[at : match.start()]))
        parts.append("\\$" if match[0] == "$$" else match[0])
        at = match.end()
    parts.append(_in_double_quotes(word[at:]))
    return f'"{"".join(parts)}"'


def _in_double_quotes(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)
