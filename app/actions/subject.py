"""What an action is about, whatever lies under the cursor, and how a question names it."""

from msgspec import Struct
from msgspec.structs import replace

from app.actions.registry import Action
from app.actions.scene import Scene, Selection
from app.presentation.quantities import counted, name_rows

_ENGINE = "engine"
_NO_ROWS = Selection()


class Subject(Struct, frozen=True):
    """Rows of one kind by their names, or the engine."""

    noun: str = ""  # of each: "job"
    names: tuple[str, ...] = ()  # as they are told
    word: str = ""  # what is typed where there is one
    hidden: int = 0  # marked rows among them that the filter hides
    instances: int = 0  # that were chosen where the action is about their jobs

    @property
    def count(self) -> int:
        """How many rows it is about; 0: the engine, which is none."""
        return 0 if self.noun == _ENGINE else len(self.names)

    @property
    def expected(self) -> str:
        """What has to be typed before it is destroyed: the number of several, else the name."""
        return str(self.count) if self.count > 1 else self.word

    @property
    def unseen(self) -> str:
        """How much of it the filter hides: "1 of them"; "": the only row that was chosen, or none.

        Rows are marked, so that of jobs that their instances stand for, instances are hidden.
        """
        if not self.hidden or max(self.count, self.instances) <= 1:
            return ""
        rows = counted(self.instances, "instance") if self.instances > 1 else "them"
        return f"{self.hidden:,} of {rows}"

    @property
    def in_words(self) -> str:
        """The exact count, what of it is not in sight, and the first names."""
        about = f" of {counted(self.instances, 'instance')}" if self.instances > 1 else ""
        if self.hidden:
            about = ", " + f"{self.unseen} hidden by the filter".lstrip()
        if self.count > 1:  # told before what may be cut
            return f"{counted(self.count, self.noun)}{about}: {name_rows(self.names)}"
        return f"{name_rows(self.names)}{about}"

    def verb_of(self, title: str) -> str:
        """Return the title of an action without the noun that the subject has: "Disable"."""
        return title.removesuffix(f" {self.noun}") if self.noun else title


def meant(action: Action, scene: Scene) -> Scene:
    """Return the scene without any rows where `action` is about the engine, from any pane."""
    if action.is_of_engine and scene.selection != _NO_ROWS:
        return replace(scene, selection=_NO_ROWS)
    return scene


def subject_of(action: Action, scene: Scene) -> Subject:
    """Return what `action` would be done to."""
    if action.is_of_engine:
        return Subject(_ENGINE, ("the engine",), _ENGINE)
    chosen = scene.selection
    is_of_jobs = action.on in {"jobs", "job"}
    if chosen.instances and not is_of_jobs:
        names = tuple(f"#{row.job_instanceid} {row.name}" for row in chosen.instances)
        return Subject("instance", names, chosen.instances[0].name, chosen.hidden)
    if chosen.jobs:
        names = tuple(row.name for row in chosen.jobs)
        return Subject("job", names, names[0], chosen.hidden, len(chosen.instances))
    if chosen.groups:
        names = tuple(row.name for row in chosen.groups)
        told = names if len(names) > 1 else (f"group {names[0]}",)
        return Subject("group", told, names[0], chosen.hidden)
    return Subject()
