"""Pasted text without its Escapes: behind one, the parser would press what was pasted as keys."""

_ESCAPE = "\x1b"
_BEGIN = "\x1b[200~"
_END = "\x1b[201~"


class PasteFilter:
    """Takes the Escapes out of what is pasted, in a stream of what a terminal sends."""

    def __init__(self) -> None:
        self._is_inside = False
        self._before = ""  # that may be the start of `_BEGIN`; it was handed on
        self._kept = ""  # that may be the start of `_END`; it was not

    def clean(self, text: str) -> str:
        """Return what follows what was given so far; "": there is nothing to hand on yet."""
        done = []
        while text:
            part, text = self._inside(self._kept + text) if self._is_inside else self._outside(text)
            done.append(part)
        return "".join(done)

    def _outside(self, text: str) -> tuple[str, str]:
        """Return `text` to where a paste begins, and the rest."""
        seen = self._before + text
        at = seen.find(_BEGIN)
        if at < 0:
            self._before = seen[1 - len(_BEGIN) :]
            return text, ""
        self._is_inside, self._before = True, ""
        end = at + len(_BEGIN) - (len(seen) - len(text))
        return text[:end], text[end:]

    def _inside(self, text: str) -> tuple[str, str]:
        """Return `text` to where the paste ends, and the rest."""
        at = text.find(_END)
        if at >= 0:
            self._is_inside, self._kept = False, ""
            end = at + len(_END)
            return text[:at].replace(_ESCAPE, "") + _END, text[end:]
        last = text.rfind(_ESCAPE)
        whole = last < 0 or not _END.startswith(text[last:])
        self._kept = "" if whole else text[last:]
        return text[: len(text) if whole else last].replace(_ESCAPE, ""), ""
