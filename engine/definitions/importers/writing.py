"""An import as YAML for review: definitions, and beside each line what is to be known about it."""

from collections.abc import Mapping, Sequence

from engine.definitions.exporting import export
from engine.definitions.importers.proof import Proof
from engine.definitions.importers.result import ImportedJob, ImportResult
from engine.definitions.problems import printable


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
    lines = [f"{printable(job.source)}, line {job.line}: {printable(job.text)}"]
    if proof is not None:
        lines.append(summary(proof))
    return lines


def summary(proof: Proof) -> str:
    """Return a comparison in one line."""
    if proof.is_equal:
        return f"compared {proof.compared} due instants with the source's rule: none differs"
    reasons = "; ".join(f"{reason} ({count})" for reason, count in proof.reasons().items())
    return f"compared {proof.compared} due instants: {proof.differing} differ: {reasons}"


def _remarks(result: ImportResult) -> str:
    lines = _section("Not carried over:", result.not_carried) + _section("Notes:", result.notes)
    return "".join(f"# {line}\n" for line in lines)


def _section(title: str, entries: Sequence[tuple[int, str]]) -> list[str]:
    if not entries:
        return []
    return [title, *(f"  line {line}: {printable(text)}" for line, text in entries)]
