"""Pane 7: the engine: its sessions, what it has to do, how far behind it is, its store."""

from collections.abc import Sequence

from textual.app import ComposeResult

from app.actions.scene import Console
from app.cells import wrap_words
from app.client.views import LedgerView, newest_first
from app.panes.engine_feed import EngineFeed
from app.panes.log_words import unread_words
from app.panes.pane import Pane
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.instants import age, duration, full_time
from app.presentation.pieces import Piece
from app.presentation.quantities import counted, size
from app.presentation.strips import lag_strip
from app.sanitize import SafeText, safe
from app.store.changes import Changes
from app.store.model import EngineHealth, SessionRow
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import Line
from engine.clock import MINUTE, SECOND, Instant

_LABEL = 14
_LONGEST_NAME = 24  # cells of a name beside which the reason of an alert begins
_FRESH = 3 * SECOND  # a beat is no older: nothing that is worth a line a second


class EnginePane(Pane):
    """What is known of the engine and the store."""

    name_of_pane = "engine"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.list = ListPanel(id="engine-list")
        self.list.has_cursor = False
        self.feed = EngineFeed(console, viewpoint, self._draw)
        self._had_session = 0  # alive when the sessions were asked for; 0: none
        self._is_behind = False  # something happened since the alerts were asked for
        self._missed = 0  # changes since the view was frozen, as of the last second

    def compose(self) -> ComposeResult:
        """One list of lines."""
        yield self.list

    @property
    def parts(self) -> Sequence[Panel]:
        """The list."""
        return (self.list,)

    def catch_up(self) -> None:
        """Ask for the account, the alerts and the sessions."""
        self._draw()
        self.feed.read_ledger()
        self._ask_for_alerts()
        self._ask_for_sessions()

    def _ask_for_alerts(self) -> None:
        self._is_behind = False
        self.feed.read_alerts()

    def _ask_for_sessions(self) -> None:
        self._had_session = self._session
        self.feed.read_sessions()

    def changed(self, changes: Changes) -> None:
        """Draw anew."""
        if changes.health or changes.instances:
            self._is_behind = True
            self._draw()

    def health_changed(self) -> None:
        """Draw anew."""
        self._is_behind = True
        self._draw()

    @property
    def _session(self) -> int:
        session = self.console.store.health.session
        return session.sessionid if session is not None else 0

    def tick(self) -> None:
        """Ages go on, so does the lease of a session that was read, and what happened is read.

        So is what could not be read.
        """
        if self._is_behind:
            self._ask_for_alerts()
        if self._session != self._had_session or any(
            self._may_be_lost(row) for row in self.feed.sessions or ()
        ):
            self._ask_for_sessions()
        self.feed.renew()
        self._draw()

    def read_again(self) -> None:
        """How the engine is by now is told in a frozen view, too, but for a moment of the past."""
        if self.viewpoint.is_past:
            self.feed.renew()
            return
        self._is_behind |= self.viewpoint.missed != self._missed
        self._missed = self.viewpoint.missed
        self.tick()

    @property
    def _now(self) -> Instant:
        """The instant that ages are told from: that of now, in a frozen view, too."""
        return self.viewpoint.now if self.viewpoint.is_past else self.viewpoint.clock.now()

    def _may_be_lost(self, row: SessionRow) -> bool:
        """Whether its lease has run out by what was read: it beats on, or is lost.

        Where the clock was set back by as much, nothing tells: it may have since.
        """
        if self.viewpoint.is_past or row.status != "ACTIVE" or row.lost_at is not None:
            return False
        return abs(self._now - row.beat_at) >= row.lease_seconds * SECOND

    def move(self, motion: str) -> bool:
        """Scroll."""
        if not self.list.move(motion):
            return False
        self.console.show_frame()  # it says what stands above and below
        return True

    def info_pieces(self) -> Sequence[Piece]:
        """Return where the store is, and how many lines stand above and below those in sight."""
        store = Piece(SafeText(f" {safe(self.console.store.health.store)}"), "muted")
        return [store, own("\t"), own(self._out_of_sight(), "muted")]

    def _out_of_sight(self) -> str:
        counts = ((self.list.top, "above"), (self.list.below, "below"))
        return ", ".join(f"{counted(count, 'line')} {where}" for count, where in counts if count)

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        lines: list[Line] = [[own(" Engine", "title")]]
        lines += self._engine_lines()
        lines += [[], [own(" Due instants", "title")], *self._ledger_lines()]
        lines += [[], [own(" Sessions", "title")], *self._session_lines()]
        lines += [[], [own(" Alerts", "title")], *self._alert_lines()]
        lines += [[], [own(" This console", "title")], *self._console_lines()]
        before = self._out_of_sight()
        self.list.show(lines)
        if self._out_of_sight() != before:
            self.console.show_frame()

    def _engine_lines(self) -> list[Line]:
        store, view = self.console.store, self.viewpoint
        health = store.health
        session = health.session
        how = {
            "hosted": "hosted by this console, in a thread of its own",
            "attached": "attached: it runs elsewhere, and goes on without this console",
            "none": "no engine is alive on this store",
            "mismatch": "of another version: look only",
        }[health.link]
        if view.is_past:
            how = "an engine was up" if session is not None else "no engine was up"
        lines = [_field("link", how, "error" if health.link in {"none", "mismatch"} else "")]
        if health.problem:
            lines.append(_field("problem", health.problem, "error"))
        if session is not None:
            up, since = age(session.started, self._now), full_time(session.started, view.zone)
            seen = self._now - store.seen_at
            beat = "it beats" if seen < _FRESH else f"beat {age(store.seen_at, self._now)} ago"
            lines += [
                _field("session", f"{session.sessionid} of {session.engine_key}"),
                _field("process", f"pid {session.pid} on {session.host}, tocsin {session.version}"),
                _field("up", f"{up}, since {since}"),
                _field("mode", session.mode, "" if session.mode == "running" else "warning"),
                _field("lease", f"{session.lease_seconds:g}s, {beat}"),
            ]
        return [
            *lines,
            _field("running", str(len(store.live))),
            self._lag_line(),
            *([] if view.is_past else [_store_line(health)]),
        ]

    def _lag_line(self) -> Line:
        """Tell how late the last scheduled runs started, and draw it."""
        lags = self.console.store.lags
        if not lags:
            return _field("lag", "no scheduled run yet")
        words = f"{duration(lags[-1])}, at most {duration(max(lags))} of the last {len(lags)}  "
        return [*_field("lag", words), *lag_strip(lags, self.viewpoint.symbols)]

    def _ledger_lines(self) -> list[Line]:
        ledger = self.feed.ledger
        if ledger is None:
            return self._missing_lines("ledger", "counting ...")
        since = full_time(ledger.since, self.viewpoint.zone)
        if self._now - ledger.until >= MINUTE:  # by the second it would never stand still
            since = SafeText(f"{since}, counted {age(ledger.until, self._now)} ago")
        return [
            _field("since", since),
            _field("due", f"{ledger.due:,}"),
            _field("ran", f"{ledger.ran:,}  late {ledger.late:,}  coalesced {ledger.coalesced:,}"),
            _field("not run", f"skipped {ledger.skipped:,}  missed {ledger.missed:,}"),
            *([_field("pending", f"{ledger.pending:,}")] if ledger.pending else []),
            _field("unexplained", ledger.unexplained_text, ledger.unexplained_role),
            *self._pruned(ledger),
        ]

    def _pruned(self, ledger: LedgerView) -> Sequence[Line]:
        if ledger.pruned_until is None:
            return []
        until = full_time(ledger.pruned_until, self.viewpoint.zone)
        return [_field("pruned", f"records before {until}")]

    def _session_lines(self) -> list[Line]:
        view = self.viewpoint
        lines: list[Line] = []
        if self.feed.sessions is None:
            return self._missing_lines("sessions", "reading ...")
        for row in self.feed.sessions[:20]:
            if row.status == "ACTIVE" and not row.is_alive:
                lines.append(self._dead_line(row))
                continue
            ended = full_time(row.ended, view.zone) if row.ended else SafeText("")
            role = "warning" if row.status == "ABNORMAL TERMINATION" else ""
            text = f"   {row.sessionid:>5}  {row.engine_key:<12} {row.status:<21}"
            times = f"{full_time(row.started, view.zone)} .. {ended}"
            lines.append([Piece(safe(text), role), Piece(SafeText(times), "muted")])
        return lines or [[own("   none yet", "muted")]]

    def _dead_line(self, row: SessionRow) -> Line:
        zone = self.viewpoint.zone
        lost_at = row.lost_at
        ends = row.beat_at + round(row.lease_seconds * SECOND)
        what = (
            f"not alive: lease ends {full_time(ends, zone)}"
            if lost_at is None
            else f"lost: its lease ran out {full_time(lost_at, zone)}"
        )
        text = f"   {row.sessionid:>5}  {row.engine_key:<12} {row.status}, {what}"
        started = f"  started {full_time(row.started, zone)}"
        return [Piece(safe(text), "error"), Piece(SafeText(started), "muted")]

    def _alert_lines(self) -> list[Line]:
        if self.feed.alerts is None:
            return self._missing_lines("alerts", "reading ...")
        view, shown = self.viewpoint, newest_first(self.feed.alerts)[:50]
        kind = max((len(each.alert) for each in shown), default=0)
        name = min(_LONGEST_NAME, max((len(each.object_name) for each in shown), default=0))
        lines: list[Line] = [
            [
                Piece(SafeText(f"   {age(each.raised, self._now):>4} "), "muted"),
                Piece(safe(f"{each.alert:<{kind}}  {each.object_name:<{name}}  "), "warning"),
                Piece(safe(console_words(each.reason, view.zone))),
            ]
            for each in shown
        ]
        return lines or [[own("   none", "success")]]

    def _missing_lines(self, what: str, awaited: str) -> list[Line]:
        """Tell what stands where something was not read yet: it is awaited, or cannot be read."""
        problem = self.feed.problem(what)
        if not problem:
            return [[own(f"   {awaited}", "muted")]]
        why = wrap_words(safe(unread_words(problem)), max(20, self.list.body.width - 4))
        return [[own("   "), Piece(text, "error")] for text in why]

    def _console_lines(self) -> list[Line]:
        figures = self.console.figures()
        return [_field(name, value) for name, value in figures]


def _store_line(health: EngineHealth) -> Line:
    took = f"{health.read_seconds * 1000:.1f} ms"
    return _field("store", f"{size(health.store_bytes)}, read in {took}")


def _field(name: str, value: str, role: str = "") -> list[Piece]:
    return [own(f"   {name:<{_LABEL}}", "muted"), Piece(safe(value), role)]
