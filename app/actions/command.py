"""The command line `:verb [object] [filter]`: what was typed, as an action on a selection."""

from collections.abc import Sequence
from datetime import tzinfo

from msgspec import Struct
from msgspec.structs import replace

from app.actions.registry import Action, Registry
from app.actions.scene import TYPED, Console, Scene, Selection
from app.actions.typed_filter import is_filter
from app.store.query import parse
from app.store.store import ConsoleStore
from app.widgets.prompt import Completion
from engine.clock import Instant
from engine.errors import NotFoundError, UsageError

_MOST_WORDS = 30


class Command(Struct, frozen=True):
    """An action and the scene that it gets."""

    action: Action
    scene: Scene


def read_command(
    text: str, registry: Registry, scene: Scene, now: Instant, zone: tzinfo
) -> Command:
    """Return what `text` means.

    Raises:
        UsageError: there is no such verb.
        NotFoundError: it names a job, group or instance that does not exist.
    """
    verb, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    action = registry.by_verb(verb)
    if action is None:
        near = [each for each in registry.verbs if each.startswith(verb[:2])]
        hint = f" Perhaps :{near[0]}." if near else " ? lists them all."
        raise UsageError(f"there is no :{verb}.{hint}")
    store = scene.console.store
    if rest and action.extras is not None and action.extras.read is not None:
        rest, options = action.extras.read(rest, store, now, zone)
        scene = replace(scene, options=options)
    if rest and action.named:
        action = registry[action.named]
        rest = f"f:{rest}" if is_filter(rest, store) else rest
    if rest and not action.takes and not action.on:
        raise UsageError(f":{verb} takes nothing after it")
    if action.on and rest:
        selection, argument = _selection(action.on, rest, store, now, zone)
        return Command(action, replace(scene, selection=selection, argument=argument, key=TYPED))
    return Command(action, replace(scene, argument=rest, key=TYPED))


def _selection(
    kind: str, rest: str, store: ConsoleStore, now: Instant, zone: tzinfo
) -> tuple[Selection, str]:
    if rest.startswith("f:"):
        matches = parse(rest[2:].strip(), zone=zone).checked().matcher(now)
        jobs = [row for row in store.jobs.values() if matches is None or matches(row)]
        if not jobs:
            raise UsageError(f"no job matches {rest[2:].strip()}")
        return Selection(jobs=tuple(sorted(jobs, key=lambda row: row.name))), ""
    words = rest.split()
    options = [word for word in words if "=" in word]
    names = [word for word in words if "=" not in word]
    if kind == "logs" and _are_no_jobs(names, store):
        return Selection(), rest  # of instances that the console need not know, or the engine
    if kind == "instances":
        return _instances(names, store), " ".join(options)
    if kind == "groups":
        return _groups(names, store), " ".join(options)
    if kind == "job":  # one job, and the rest is its argument
        return _jobs(words[:1], store), " ".join(words[1:])
    return _jobs(names, store), " ".join(options)


def _are_no_jobs(names: Sequence[str], store: ConsoleStore) -> bool:
    """Whether all are numbers of instances (`#881140`), or the engine is meant."""
    numbers = all(name.startswith("#") and name[1:].isdecimal() for name in names)
    return numbers or (names == ["engine"] and store.job("engine") is None)


def _jobs(names: Sequence[str], store: ConsoleStore) -> Selection:
    rows = []
    for name in names:
        row = store.job(name)
        if row is None:
            raise NotFoundError("job", name, store.names)
        rows.append(row)
    return Selection(jobs=tuple(rows))


def _groups(names: Sequence[str], store: ConsoleStore) -> Selection:
    for name in names:
        if name not in store.groups:
            raise NotFoundError("group", name, store.groups)
    return Selection(groups=tuple(store.groups[name] for name in names))


def _instances(names: Sequence[str], store: ConsoleStore) -> Selection:
    rows = []
    for name in names:
        number = name.removeprefix("#")
        row = store.instances.get(int(number)) if number.isdecimal() else None
        if row is None:
            raise UsageError(f"the console knows no instance {name}")
        rows.append(row)
    jobs = dict.fromkeys(row.jobid for row in rows)
    known = tuple(store.jobs[jobid] for jobid in jobs if jobid in store.jobs)
    return Selection(jobs=known, instances=tuple(rows))


def complete_command(text: str, position: int, registry: Registry, console: Console) -> Completion:
    """Return how a command may go on: verbs first, then names of what the verb takes."""
    head = text[:position]
    verb, space, rest = head.partition(" ")
    if not space:
        return Completion(0, [each for each in registry.verbs if each.startswith(verb)])
    action = registry.by_verb(verb)
    if action is None:
        return Completion(position)
    before, _, word = rest.rpartition(" ")
    extra: Sequence[str] = ()
    if action.extras is not None and action.extras.complete is not None:
        extra = action.extras.complete(before, word, console)
    if action.named:
        action = registry[action.named]
    if not action.on:
        return Completion(position - len(word), extra)
    store = console.store
    known: Sequence[str]
    if action.on == "groups":
        known = sorted(store.groups)
    elif action.on == "instances" or (action.on == "logs" and word.startswith("#")):
        known = [f"#{each}" for each in sorted(store.live)]
    else:
        known = sorted(store.names)
    found = [each for each in known if each.startswith(word)][:_MOST_WORDS]
    found = [*extra, *found] if rest else [*found, *extra]  # a name comes first
    return Completion(position - len(word), found)
