"""An import as YAML for review: definitions, and beside each line what is to be known about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import TextWrapper

from engine.definitions.exporting import export
from engine.definitions.importers.proof import Proof
from engine.definitions.importers.result import ImportedJob, ImportResult
from engine.definitions.problems import printable

_WRAPPER = TextWrapper(
    96,
    initial_indent="  ",
    subsequent_indent="    ",
    break_long_words=False,
    break_on_hyphens=False,
)
_OF_FILE = re.compile(r"([^ :=]+\.(?:timer|service|conf)|/[^ :=]+): ")


def as_yaml(result: ImportResult, proofs: Mapping[str, Proof] | None = None) -> str:
    """Return all definitions of an import as one YAML text that loads as it is.

    Comments say where each came from, what became of its due instants (`proofs`, by the name of the
    job), and what was noted or not carried over.
    """
    parts = [_remarks(result)]
    for job in result.jobs:
        proof = (proofs or {}).get(job.definition.name)
        comments = "".join(f"# {line}\n" for line in _about(job, proof))
        parts.append(comments + export(job.definition))
    return "---\n".join(part for part in parts if part)


def _about(job: ImportedJob, proof: Proof | None) -> list[str]:
    lines = [f"{printable(job.source)}, line {job.line}: {_on_one_line(job.text)}"]
    if proof is not None:
        lines.append(summary(proof))
    return lines


def summary(proof: Proof) -> str:
    """Return a comparison in one line."""
    if proof.is_equal:
        return f"compared {proof.compared:,} due instants with the source's rule: none differs"
    reasons = "; ".join(f"{reason} ({count})" for reason, count in proof.reasons().items())
    return f"compared {proof.compared:,} due instants: {proof.differing:,} differ: {reasons}"


def _remarks(result: ImportResult) -> str:
    lines = _section("Not carried over:", result.not_carried) + _section("Notes:", result.notes)
    return "".join(f"# {line}\n" for line in lines)


def _section(title: str, entries: Sequence[tuple[int, str]]) -> list[str]:
    lines = [title] if entries else []
    for text in _by_file(entries):
        lines += _WRAPPER.wrap(_on_one_line(text))
    return lines


def _by_file(entries: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Yield what is told; what is told alike of neighbours in a file is told once."""
    for (file, why), group in groupby(entries, key=lambda entry: _split(entry[1])[::2]):
        some = list(group)
        if not file:
            yield from (f"line {line}: {text}" for line, text in some)
            continue
        first, last = some[0][0], some[-1][0]
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        what = ", ".join(filter(None, (_split(text)[1] for _, text in some)))
        yield ": ".join(filter(None, (f"{file}, {lines}", what, why)))


def _split(text: str) -> tuple[str, str, str]:
    """Return the file that a text begins with, what it is about, and what it says of that."""
    match = _OF_FILE.match(text)
    if match is None:
        return "", text, ""
    what, _, why = text[match.end() :].rpartition(": ")
    return match[1], what, why


def _on_one_line(text: str) -> str:
    return printable(text.replace("\t", " "))
