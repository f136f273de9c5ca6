"""What an operator should know, wherever the console is: the alerts that stand."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo

from app.actions.registry import Action
from app.actions.scene import Scene
from app.client.views import AlertView, newest_first
from app.overlays.followed_text import FollowedText, Passage
from app.presentation.console_words import console_words
from app.presentation.instants import age, full_time
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import Instant


def alert_actions() -> Iterator[Action]:
    """Return the action."""
    yield Action(
        "alerts", "Alerts", "Show what an operator should know", _alerts, verbs=("alerts",),
    )  # fmt: skip


def _alerts(scene: Scene) -> None:
    console = scene.console

    def ask(take: Callable[[Sequence[AlertView]], None]) -> None:
        console.request(lambda desk: desk.alerts(), take)

    def tell(alerts: Sequence[AlertView]) -> Sequence[Passage]:
        now, zone = console.travel.now, console.zone
        told = [Passage(_name(each), _lines(each, now, zone)) for each in newest_first(alerts)]
        return told or [Passage("none", [[own("none stands")]])]

    def show(alerts: Sequence[AlertView]) -> None:
        console.open(FollowedText("Alerts", alerts, tell, ask, copy=console.outside.copy))

    ask(show)


def _name(alert: AlertView) -> tuple[object, ...]:
    """Return what stays of an alert that is raised again."""
    return alert.alert, alert.object_name, alert.raised


def _lines(alert: AlertView, now: Instant, zone: tzinfo) -> list[Line]:
    since = full_time(alert.raised, zone)
    return [
        [
            Piece(SafeText(f"{since}  {age(alert.raised, now):>4}"), "muted"),
            Piece(safe(f"  {alert.alert}"), "warning"),
            Piece(safe(f"  {alert.object_name}"), "title"),
        ],
        [own("    "), Piece(safe(console_words(alert.reason, zone)))],
    ]
