"""Keys by name: as the registry and the settings write them, and as people read them."""

_SHOWN = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup"}


def written(key: str, character: str | None) -> str:
    """Return a key as the registry names it: the character that it prints, or its name."""
    if character is not None and character.isprintable() and character != " ":
        return character
    return key


def key_name(key: str) -> str:
    """Return a key as people write it."""
    return _SHOWN.get(key, key)
