"""Drafts become themes upon what they extend, or their problems say why they do not."""

from collections.abc import Iterable, Mapping

from app.theming.theme import Draft, Theme, resolve


class Resolver:
    """Resolves the drafts that were read at one time; each theme once."""

    def __init__(
        self, sound: Mapping[str, Draft], faulty: Iterable[Draft], before: Mapping[str, Theme]
    ) -> None:
        """Take the drafts by name, those with a mistake, and the themes as they were before."""
        self.themes: dict[str, Theme] = {}
        self._sound = sound
        self._known = {*sound, *(draft.name for draft in faulty)}
        self._before = before

    def theme(self, draft: Draft, path: tuple[str, ...] = ()) -> Theme | None:
        """Return a theme upon what it extends; None: the problems of its draft say why."""
        if draft.name not in self.themes:
            base = self.base(draft, path)
            if draft.problems:
                return None
            self.themes[draft.name] = resolve(draft, base)
        return self.themes[draft.name]

    def base(self, draft: Draft, path: tuple[str, ...] = ()) -> Theme | None:
        """Return what a draft extends; what is wrong with that joins its problems.

        `path` names the drafts that extend it.
        """
        wanted, path = draft.extends, (*path, draft.name)
        if not wanted:
            return None
        if wanted in path:
            draft.refuse_base(f"'{wanted}' extends itself")
            return None
        base = self._before.get(wanted)
        if wanted in self._sound:
            base = self.theme(self._sound[wanted], path) or base
        if base is None and wanted in self._known:
            draft.refuse_base(f"the theme '{wanted}' has a mistake")
        elif base is None:
            names = ", ".join(sorted(self._known - {draft.name}))
            draft.refuse_base(f"no theme is called '{wanted}'. There are: {names}.")
        return base
