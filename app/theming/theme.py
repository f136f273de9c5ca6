"""One theme: read from its file, with what it extends, checked key by key."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from app.located_yaml import Located, unknown_key
from app.presentation.symbols import SYMBOL_SETS, SymbolSet
from app.sanitize import SafeText
from app.theming.look import DEFAULT, LookError, RoleLook, read_colour, read_look
from app.theming.roles import FORMER, ROLES

KEYS = ("name", "description", "extends", "dark", "symbols", "palette", "roles")


class Theme(Struct, frozen=True):
    """A theme with every role resolved."""

    name: str
    roles: Mapping[str, RoleLook]
    given: Mapping[str, RoleLook] = field(default_factory=dict)  # what its files say themselves
    description: str = ""
    is_dark: bool = True
    symbols: SymbolSet | None = None  # None: what the terminal can draw decides
    source: Path | None = None

    @property
    def uses_rgb(self) -> bool:
        """Whether some colour is not the terminal's own."""
        return any(look.has_rgb for look in self.roles.values())

    @property
    def uses_colour(self) -> bool:
        """Whether it uses any colour at all; False: attributes alone."""
        return any(
            {look.foreground, look.background} - {"", "default"} for look in self.roles.values()
        )


class Draft(Struct):
    """What one file says, before what it extends is known."""

    located: Located
    name: str = ""
    extends: str = ""
    description: str = ""
    is_dark: bool | None = None
    symbols: SymbolSet | None = None
    palette: dict[str, str] = field(default_factory=dict)
    roles: dict[str, RoleLook] = field(default_factory=dict)
    _is_base_refused: bool = False

    @property
    def problems(self) -> list[SafeText]:
        """What is wrong with it, one line each."""
        return self.located.problems

    def refuse_base(self, why: str) -> None:
        """Note that it cannot extend what it names; the first reason counts."""
        if not self._is_base_refused:
            self._is_base_refused = True
            self.located.complain(("extends",), why)


# Without any theme file there is still this: attributes alone.
PLAIN = Theme(
    "plain",
    {
        role: RoleLook(attributes=frozenset(attributes))
        for role, attributes in {
            **dict.fromkeys(ROLES, ()),
            **dict.fromkeys(("cursor", "tab", "caret", "crash", "badge.prod"), ("reverse",)),
            **dict.fromkeys(("error", "title", "brand", "key", "overdue", "active"), ("bold",)),
            **dict.fromkeys(("match", "invalid"), ("underline",)),
        }.items()
    },
)


def read_draft(located: Located) -> Draft:
    """Return what the file says; everything wrong is among its problems."""
    draft = Draft(located)
    located.only(KEYS)
    draft.name = _text(located, "name") or located.path.stem
    draft.extends = _text(located, "extends")
    draft.description = _text(located, "description")
    dark = located.data.get("dark")
    if dark is not None and not isinstance(dark, bool):
        located.complain(("dark",), "'dark' is true or false")
    draft.is_dark = dark if isinstance(dark, bool) else None
    draft.symbols = _symbols(located)
    _read_palette(draft)
    _read_roles(draft)
    return draft


def resolve(draft: Draft, base: Theme | None) -> Theme:
    """Return the theme of `draft`, which has no problems, upon `base`."""
    given = {**(base.given if base is not None else {}), **draft.roles}
    return Theme(
        name=draft.name,
        roles={role: _look(role, given) for role in ROLES},
        given=given,
        description=draft.description,
        is_dark=draft.is_dark if draft.is_dark is not None else base is None or base.is_dark,
        symbols=draft.symbols or (base.symbols if base else None),
        source=draft.located.path,
    )


def _look(role: str, given: Mapping[str, RoleLook]) -> RoleLook:
    """Return what `role` looks like; what no file says a word about, as in the plain theme."""
    named = role
    while named not in given:
        named = ROLES[named].fallback
        if named in {"", "text"}:
            return PLAIN.roles[role]
    return given[named]


def _text(located: Located, key: str) -> str:
    value = located.data.get(key, "")
    if not isinstance(value, str):
        located.complain((key,), f"'{key}' must be text")
        return ""
    return value


def _symbols(located: Located) -> SymbolSet | None:
    value = located.data.get("symbols")
    for name in SYMBOL_SETS:
        if value == name:
            return name
    if value is not None:
        located.complain(("symbols",), f"'symbols' is one of {', '.join(SYMBOL_SETS)}")
    return None


def _section(located: Located, key: str) -> Mapping[str, Any]:
    value = located.data.get(key)
    if value is not None and not isinstance(value, dict):
        located.complain((key,), f"'{key}' must be a mapping")
    return located.mapping((key,))


def _read_palette(draft: Draft) -> None:
    for name, value in _section(draft.located, "palette").items():
        try:
            draft.palette[str(name).lower()] = read_colour(str(value).lower())
        except LookError as error:
            draft.palette[str(name).lower()] = DEFAULT  # told once, not for every role with it
            draft.located.complain(("palette", str(name)), str(error))


def _read_roles(draft: Draft) -> None:
    for role, value in _section(draft.located, "roles").items():
        if role in FORMER:
            continue
        if role not in ROLES:
            draft.located.complain(("roles", str(role)), unknown_key(str(role), ROLES))
        elif not isinstance(value, str):
            draft.located.complain(("roles", role), f"role '{role}' is a text such as `bold red`")
        elif _lost_colour(draft.located.source_of(("roles", role)), value):
            draft.located.complain(
                ("roles", role), f"role '{role}': a '#' begins a comment in YAML; quote the text"
            )
        else:
            _read_look(draft, role, value)


def _read_look(draft: Draft, role: str, text: str) -> None:
    try:
        draft.roles[role] = read_look(text, draft.palette)
    except LookError as error:
        draft.located.complain(("roles", role), f"role '{role}': {error}")


def _lost_colour(line: str, value: str) -> bool:
    """Whether YAML took a colour of the line for a comment."""
    return any(colour not in value for colour in re.findall(r"\s(#[0-9A-Fa-f]{6})\b", line))
