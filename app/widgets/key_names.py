"""Keys by name: as the registry and the settings write them, and as people read them."""

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
_SIGNS = {
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
}
_CONTROL = frozenset({*"abcdefghijklmnopqrstuvwxyz0123456789@[", *_SIGNS.values()})
_MODIFIERS = (["ctrl"], ["shift"], ["ctrl", "shift"])


def arriving(typed: str) -> str:
    """Return the name under which a key comes that is called `typed` in a file; "": none does.

    "F5" is f5, "Ctrl+R" is ctrl+r, "pgdn" is pagedown; a character is itself: "R" is not "r".
    """
    if len(typed) == 1 and typed != " ":
        return typed if typed.isprintable() else ""
    *modifiers, last = typed.lower().split("+")
    base = _OTHER_NAMES.get(last, last)
    if not modifiers:
        return base if base in _NAMED else ""
    held = "+".join(sorted(modifiers))
    if modifiers == ["ctrl"] and (sign := _SIGNS.get(base, base)) in _CONTROL:
        return f"{held}+{sign}"
    return f"{held}+{base}" if sorted(modifiers) in _MODIFIERS and base in _NAMED else ""


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
        return character
    return key


def key_name(key: str) -> str:
    """Return a key as people write it."""
    return _SHOWN.get(key, key)
