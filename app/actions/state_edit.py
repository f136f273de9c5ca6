"""Edit the state data of a job with `$EDITOR`: a text that could not be saved is not lost."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from app.actions.scene import Console, Scene
from app.client.desk import Desk
from app.client.views import StateView
from app.presentation.instants import moment_time
from app.presentation.state_raw import from_yaml, to_yaml
from app.sanitize import SafeText
from engine.clock import Instant
from engine.errors import TocsinError

_AGAIN = "edit again to go on from your text"
_LINES_ABOVE = 2  # of comment, above a text that was not saved
_NONE: Mapping[str, Any] = {}


class Draft(Struct, frozen=True):
    """A text that could not be saved."""

    text: str
    at: Instant
    base: Mapping[str, Any] | None  # the data that were there when it was written


class Given(Struct, frozen=True):
    """What the editor is given: a text, and for one that was not saved comments around it."""

    text: str
    above: str = ""
    below: str = ""

    @property
    def whole(self) -> str:
        """All that the editor is given."""
        return f"{self.above}{self.text}{self.below}"

    def own(self, after: str) -> str:
        """Return what came back without our comments, where they stand as they were."""
        return after.removeprefix(self.above).removesuffix(self.below)


class StateEdit:
    """Keeps the texts that could not be saved, and begins the next edit of their job with them."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def begin(self, scene: Scene) -> None:
        """Read the data of the job that `scene` is about, and let them be edited."""
        console = scene.console
        name = scene.jobs[0].name
        console.request(lambda desk: desk.state(name), lambda view: self._edit(console, view))

    def _edit(self, console: Console, view: StateView) -> None:
        name = view.name
        draft = self._drafts.get(name)
        written = "" if draft is None else _written(console, draft)
        now = to_yaml(dict(view.data or _NONE))
        given = Given(now) if draft is None else _with_comments(draft, view, now, written)
        after = console.outside.edit_text(given.whole, f"{name}.yaml")
        if after is None:
            return  # why was said, and a draft stays what it was
        if after == given.whole:
            self._drafts.pop(name, None)
            dropped = "" if draft is None else f"; your text of {written} is dropped"
            console.say(f"nothing was changed{dropped}")
            return
        text = given.own(after)
        kept = self._drafts[name] = Draft(text, console.clock.now(), view.data)
        try:
            data = from_yaml("\n" * _LINES_ABOVE + text)  # a line is told as the next edit has it
        except TocsinError as error:
            console.say(f"not saved: {error.message}; {_AGAIN}", "error")
            return

        def saved(is_saved: bool) -> None:
            if not is_saved:
                other = "not saved: a run saved its own meanwhile; edit again to save yours over"
                console.say(f"{other} them", "error")
                return
            if self._drafts.get(name) is kept:
                del self._drafts[name]
            console.say(f"saved the state data of {name}", "success")
            console.pane_named("state").reload()

        def failed(error: BaseException) -> None:
            console.say(f"not saved: {error}; {_AGAIN}", "error")

        about = f"save the state data of {name}"
        console.request(lambda desk: _save(desk, view, data), saved, about=about, failed=failed)


def _written(console: Console, draft: Draft) -> SafeText:
    """Return when a text was written: "12:30 UTC"."""
    return moment_time(draft.at, console.clock.now(), console.zone)


def _with_comments(draft: Draft, view: StateView, now: str, written: str) -> Given:
    """Return a text that was not saved, what becomes of it, and the data as they are by now."""
    have = "have not changed" if view.data == draft.base else "HAVE CHANGED"
    above = (
        f"# Your text of {written}, which was not saved. The data {have} since; they stand below.\n"
        "# To save it over them, change it or delete this comment: left as it is, it is dropped.\n"
    )
    end = "" if draft.text.endswith("\n") or not draft.text else "\n"
    data = "".join(f"# {line}\n" for line in now.splitlines())
    return Given(draft.text + end, above, f"# The data are now:\n{data}")


def _save(desk: Desk, view: StateView, data: Mapping[str, Any]) -> bool:
    """Save unless the data are no longer those that the edit began with."""
    if desk.state(view.name).data != view.data:
        return False
    desk.set_state(view.name, data)
    return True
