"""Edit the state data of a job with `$EDITOR`: a text that could not be saved is not lost."""

from collections.abc import Mapping
from typing import Any

from app.actions.scene import Console, Scene
from app.client.desk import Desk
from app.client.views import StateView
from app.presentation.state_raw import from_yaml, to_yaml
from engine.errors import TocsinError

_AGAIN = "edit again to go on from your text"


class StateEdit:
    """Keeps the texts that could not be saved, and begins the next edit of their job with them."""

    def __init__(self) -> None:
        self._drafts: dict[str, str] = {}

    def begin(self, scene: Scene) -> None:
        """Read the data of the job that `scene` is about, and let them be edited."""
        console = scene.console
        name = scene.jobs[0].name
        console.request(lambda desk: desk.state(name), lambda view: self._edit(console, view))

    def _edit(self, console: Console, view: StateView) -> None:
        name = view.name
        before = to_yaml(dict(view.data or {}))
        after = console.outside.edit_text(self._drafts.get(name, before), f"{name}.yaml")
        if after is None:
            return  # why was said, and a draft stays what it was
        if after == before:
            self._drafts.pop(name, None)
            console.say("nothing was changed")
            return
        self._drafts[name] = after
        try:
            data = from_yaml(after)
        except TocsinError as error:
            console.say(f"not saved: {error.message}; {_AGAIN}", "error")
            return

        def saved(is_saved: bool) -> None:
            if not is_saved:
                text = "not saved: a run saved its own meanwhile; edit again to save yours over"
                console.say(f"{text} them", "error")
                return
            self._drafts.pop(name, None)
            console.say(f"saved the state data of {name}", "success")
            console.pane_named("state").reload()

        def failed(error: BaseException) -> None:
            console.say(f"not saved: {error}; {_AGAIN}", "error")

        console.request(lambda desk: _save(desk, view, data), saved, failed=failed)


def _save(desk: Desk, view: StateView, data: Mapping[str, Any]) -> bool:
    """Save unless the data are no longer those that the edit began with."""
    if desk.state(view.name).data != view.data:
        return False
    desk.set_state(view.name, data)
    return True
