"""Keys by name: as the registry and the settings write them, and as people read them."""

import string
import unicodedata
from difflib import get_close_matches

_SHOWN = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup"}
_NAMED = frozenset(
    {
        "backspace", "delete", "down", "end", "enter", "escape", "home", "insert", "left",
        "pagedown", "pageup", "right", "space", "tab", "up",
        *(f"f{number}" for number in range(1, 25)),
    }
)  # fmt: skip
_OTHER_NAMES = {
    **{shown: name for name, shown in _SHOWN.items()},
    " ": "space",
    "del": "delete",
    "ins": "insert",
    "return": "enter",
}
_AS_THEY_ARE = frozenset({"ctrl+@", "ctrl+["})  # of signs with ctrl, all others have names
_RENAMED = {
    "+": "plus",
    "-": "minus",
    "/": "slash",
    "@": "at",
    "\\": "backslash",
    "_": "underscore",
}
_SIGNS = {  # by the names under which they come where alt or ctrl is held
    sign: _RENAMED.get(sign) or unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    for sign in string.punctuation
}
_SIGN_NAMES = frozenset(_SIGNS.values())
_MODIFIERS = frozenset({"alt", "ctrl", "shift", "super"})


def arriving(typed: str) -> str:
    """Return the name under which a key comes that is called `typed` in a file; "": none does.

    "F5" is f5, "Ctrl+R" is ctrl+r, "shift+alt+down" is alt+shift+down, "pgdn" is pagedown; a
    character is itself: "R" is not "r".
    """
    if len(typed) == 1 and typed != " ":
        return typed if typed.isprintable() else ""
    before, plus, last = typed[:-1].lower().rpartition("+")
    last += typed[-1:].lower()
    base = _OTHER_NAMES.get(last, last)
    held = sorted(before.split("+")) if plus else []
    if not held:
        return base if base in _NAMED else ""
    if not _MODIFIERS.issuperset(held) or len(set(held)) < len(held):
        return ""
    key = "+".join([*held, base])
    if base in _NAMED or key in _AS_THEY_ARE:
        return key
    if held == ["shift"]:  # it comes as the character that it makes
        return ""
    sign = _SIGNS.get(base, base)
    is_character = sign in _SIGN_NAMES or (len(sign) == 1 and sign.isalnum())
    return "+".join([*held, sign]) if is_character else ""


def nearest_key(typed: str) -> str:
    """Return the key that may be meant by a name that no key has; "": none is near."""
    *modifiers, last = typed.lower().split("+")
    if modifiers == ["shift"] and len(last) == 1 and last.isalpha():
        return last.upper()
    near = get_close_matches(last, sorted(_NAMED), n=1)
    return arriving("+".join([*modifiers, near[0]])) if near else ""


def written(key: str, character: str | None) -> str:
    """Return a key as the registry names it: the character that it prints, or its name."""
    if character is not None and character.isprintable() and character != " ":
        return key if key.startswith("alt+") else character
    return key


def key_name(key: str) -> str:
    """Return a key as people write it."""
    return _SHOWN.get(key, key)
