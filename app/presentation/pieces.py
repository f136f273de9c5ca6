"""A piece of a line: text that may be shown, and the role that colours it."""

from collections.abc import Iterable
from typing import NamedTuple

from app.sanitize import SafeText


class Piece(NamedTuple):
    """Text and the name of its role; "" is ordinary text."""

    text: SafeText
    role: str = ""


def plain(pieces: Iterable[Piece]) -> SafeText:
    """Return the text of the pieces, without their colours."""
    return SafeText("".join(piece.text for piece in pieces))


def merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with neighbours of one role put together: each costs colour codes."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].role == piece.role:
            found[-1] = Piece(SafeText(found[-1].text + piece.text), piece.role)
        elif piece.text:
            found.append(piece)
    return tuple(found)
