"""What an operator should know, wherever the console is: the alerts that stand."""

from collections.abc import Iterator, Sequence

from app.actions.registry import Action
from app.actions.scene import Scene
from app.client.views import AlertView, newest_first
from app.overlays.text import TextView
from app.presentation.console_words import console_words
from app.presentation.instants import age, full_time
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.text_panel import Line


def alert_actions() -> Iterator[Action]:
    """Return the action."""
    yield Action(
        "alerts", "Alerts", "Show what an operator should know", _alerts, verbs=("alerts",),
    )  # fmt: skip


def _alerts(scene: Scene) -> None:
    console = scene.console

    def show(alerts: Sequence[AlertView]) -> None:
        now = console.travel.now
        lines: list[Line] = []
        for each in newest_first(alerts):
            since = full_time(each.raised, console.zone)
            lines += [
                [
                    Piece(SafeText(f"{since}  {age(each.raised, now):>4}"), "muted"),
                    Piece(safe(f"  {each.alert}"), "warning"),
                    Piece(safe(f"  {each.object_name}"), "title"),
                ],
                [own("    "), Piece(safe(console_words(each.reason, console.zone)))],
            ]
        title = "Alerts"
        console.open(
            TextView(title, lines or [[own("none stands")]], copy=console.outside.copy, words=True)
        )

    console.request(lambda desk: desk.alerts(), show)
