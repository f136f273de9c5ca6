"""Text that was typed, as it is shown: what is wrong with it underlined, the cursor in it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe

Part = tuple[int, int]  # from which character on, and before which one


def typed_pieces(
    text: str, wrong: Sequence[Part], role: str = "", caret: int | None = None
) -> Iterator[Piece]:
    """Yield `text` with its `wrong` parts as such, and the character at `caret` under a cursor."""
    places = {0, len(text), *(place for part in wrong for place in part)}
    if caret is not None:
        places |= {caret, caret + 1}
    for start, end in pairwise(sorted(place for place in places if 0 <= place <= len(text))):
        is_wrong = any(first <= start < last for first, last in wrong)
        look = "caret" if start == caret else "invalid" if is_wrong else role
        yield Piece(safe(text[start:end]), look)
    if caret == len(text):
        yield Piece(SafeText(" "), "caret")
