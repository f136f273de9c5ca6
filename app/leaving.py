"""How the console is left: at once where it is attached, by choice where it hosts an engine.

Where orders are not answered yet, it is left when they are; who leaves before that is asked.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from app.bridge import Bridge
from app.client.desk import Desk
from app.client.port import EngineClient
from app.news import News
from app.overlays.choice import Choice
from app.overlays.entries import Entry, heading, nothing
from app.overlays.overlay import Overlay, OverlayBox
from app.presentation.quantities import counted
from app.store.store import ConsoleStore
from app.waiting import Waiting

T = TypeVar("T")

_MOST_SHOWN = 6


class Leaving(Protocol):
    """A console that can be left."""

    client: EngineClient
    live_store: ConsoleStore
    bridge: Bridge
    waiting: Waiting
    news: News
    overlays: OverlayBox
    mode_before_drain: str  # of the engine that it drains in order to leave; "": it does not

    def exit(self, result: int | None = None) -> None:
        """End the app."""
        ...

    def open(self, overlay: Overlay) -> None:
        """Cover the pane with an overlay."""
        ...

    def say(self, text: str, role: str = "") -> None:
        """Show a message."""
        ...

    def request(
        self, question: Callable[[Desk], T], done: Callable[[T], None], *, about: str = ""
    ) -> None:
        """Ask the engine away from the screen."""
        ...


def ask_to_quit(console: Leaving, *, at_once: bool = False) -> None:
    """Leave an attached console; offer drain, stop and stay where an engine is hosted here."""
    hosted = console.client.hosted
    if hosted is None or not hosted.is_alive:
        if console.waiting.has_orders and not at_once:
            _leave_when_answered(console)
        else:
            console.exit(0)
        return
    running = len(console.live_store.live)
    orders = _orders(console)
    if at_once and not running and not orders:
        _stop(console)
        return
    text = "Nothing runs now." if not running else f"{counted(running, 'instance')} running:"
    rows = [console.live_store.instances[key] for key in sorted(console.live_store.live)][
        :_MOST_SHOWN
    ]
    entries = [heading(text), *(heading(f"  #{row.job_instanceid} {row.name}") for row in rows)]
    entries += [
        *orders,
        Entry("Drain and quit", _leave(console, _drain), key="d",
              more="start nothing new, leave when what runs has ended"),
        Entry("Stop now", _leave(console, _stop), key="s",
              more="what runs gets its grace and is then killed"),
        Entry("Stay", lambda: _stay(console), key="n", is_safest=True),
    ]  # fmt: skip
    console.open(
        Choice("This console hosts the engine", entries, left=lambda: _stay(console),
               can_type=False, key_width=4, width=72, explains=True)
    )  # fmt: skip


def _orders(console: Leaving) -> list[Entry]:
    """Return lines that tell which orders are not answered yet."""
    orders = console.waiting.orders
    if not orders:
        return []
    be = "is" if len(orders) == 1 else "are"
    lines = [f"{counted(len(orders), 'order')} {be} not answered yet:"]
    lines += [f"  {each}" for each in orders[:_MOST_SHOWN]]
    if (more := len(orders) - _MOST_SHOWN) > 0:
        lines.append(f"  and {more:,} more")
    return [heading(each) for each in lines]


def _leave_when_answered(console: Leaving) -> None:
    """Leave once all orders are answered, unless one was refused; or now, or not after all."""
    last = console.news.told[-1] if console.news.told else None

    def stay() -> None:
        console.waiting.all_answered = nothing
        console.say("staying")

    def answered() -> None:
        console.waiting.all_answered = nothing
        if console.overlays.top is not question:  # it was closed by something else: nobody leaves
            return
        if console.news.has_failed_since(last):
            question.close()
        else:
            console.exit(0)

    choices = [
        Entry("Leave now", lambda: console.exit(0), key="l",
              more="each goes on for up to 10s, and what comes of it is not told"),
        Entry("Stay", stay, key="n", is_safest=True),
    ]  # fmt: skip
    question = Choice("Leaving when all is answered", lambda: [*_orders(console), *choices],
                      left=stay, can_type=False,
                      key_width=4, width=72, explains=True)  # fmt: skip
    console.waiting.all_answered = answered
    console.open(question)


def _leave(console: Leaving, way: Callable[[Leaving], None]) -> Callable[[], None]:
    return lambda: way(console)


def _drain(console: Leaving) -> None:
    hosted = console.client.hosted
    if hosted is None:
        return
    console.mode_before_drain = console.mode_before_drain or _mode(console) or "running"
    console.say("draining: nothing new starts; the console leaves when all have ended", "warning")

    def ended() -> None:
        if console.mode_before_drain:
            console.exit(0)

    def begun(_: None) -> None:
        hosted.wait_for_end(lambda: console.bridge.call(ended))

    console.request(lambda desk: desk.drain(), begun, about="drain the engine")


def _mode(console: Leaving) -> str:
    session = console.live_store.health.session
    return "" if session is None else session.mode


def _stay(console: Leaving) -> None:
    """Stay, with the engine as it was before it was drained in order to leave.

    One that was paused drains on: it would have to run for a moment before it can be paused.
    """
    before, console.mode_before_drain = console.mode_before_drain, ""
    hosted = console.client.hosted
    is_alive = hosted is not None and hosted.is_alive
    if is_alive and before == "running" and _mode(console) != "paused":
        console.request(
            lambda desk: desk.resume(),
            lambda _: console.say("staying; the engine starts jobs again", "success"),
            about="resume the engine",
        )
    elif is_alive and (before or _mode(console) == "draining"):
        console.say("staying; the engine still drains: :resume lets it start runs again", "warning")
    else:
        console.say("staying")


def _stop(console: Leaving) -> None:
    hosted = console.client.hosted
    if hosted is None:
        return
    console.say("stopping: running jobs get their grace", "warning")
    hosted.stop(lambda: console.bridge.call(lambda: console.exit(0)))
