"""What the jobs themselves wrote: independent of the store, and so what makes the checker honest.

A line is one append: `B instance boottime wall pid` when the code begins, `E ...` when it is about
to return, `S ... n` after state data were saved as n, `G ... n` for what was found of them. Files
without times (`B instance`) tell less, and what they do not tell is not checked.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Witness:
    """All witness files together, by instance."""

    begun: Counter[int] = field(default_factory=Counter)
    ended: set[int] = field(default_factory=set)
    began_at: dict[int, float] = field(default_factory=dict)  # seconds of CLOCK_BOOTTIME
    ended_at: dict[int, float] = field(default_factory=dict)
    saved: dict[int, int] = field(default_factory=dict)  # the last one
    found: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "Witness":
        return Witness(*(type(one)(one) for one in vars(self).values()))

    def take(self, line: str) -> None:
        """Take in one line.

        Raises:
            ValueError: it is none.
        """
        mark, number, *rest = line.split()
        instance = int(number)
        boottime = float(rest[0]) if len(rest) >= 3 else None
        match mark:
            case "B":
                self.begun[instance] += 1
                if boottime is not None:
                    self.began_at[instance] = boottime
            case "E":
                self.ended.add(instance)
                if boottime is not None:
                    self.ended_at[instance] = boottime
            case "S":
                self.saved[instance] = int(rest[-1])
            case "G":
                self.found[instance] = int(rest[-1])
            case _:
                raise ValueError(line)


def read_all(folder: Path) -> Witness:
    """Read every file of a folder whose name ends in `.witness`; the last line may be torn."""
    witness = Witness()
    for path in sorted(folder.glob("**/*.witness")):
        text = path.read_text()
        whole = text[: text.rfind("\n") + 1]
        for line in whole.splitlines():
            witness.take(line)
    return witness
