"""The scenes of which pictures and text frames are kept: keys to press, by name."""

LOG = "".join(
    f"2026-01-05T12:{second // 60:02}:{second % 60:02}.000123Z "
    f"{'INFO ' if second % 37 else 'ERROR'} JI {881_200 + second // 300}: "
    f"fetched {second} invoices since the last run\n"
    for second in range(1800)
).encode()

STATE = {"cursor": "2026-01-05T12:28:00Z", "retries": 0, "pages": [1, 2, 3], "password": "x"}

PANES: dict[str, tuple[str, ...]] = {
    "jobs": ("j", "j", "j"),
    "groups": ("2",),
    "instances": ("3", "j"),
    "logs": (":log invoice-sync-eu",),
    "state": (":data invoice-sync-eu", "l", "j", "j"),
    "schedule": ("6",),
    "gantt": ("6", "t"),
    "agenda": ("6", "t", "t"),
    "engine": ("7",),
}

OVERLAYS: dict[str, tuple[str, ...]] = {
    "help": ("?",),
    "menu": ("a",),
    "palette": ("ctrl+p", "t:invoice"),
    "question": ("space", "space", "d"),
    "typed": (":clearstate invoice-sync-eu",),
    "schedule-form": (":reschedule invoice-sync-eu */10 2-4 * * mon-fri",),
    "schedule-refused": (":reschedule invoice-sync-eu 0 0 30 2 *",),
    "filter": ("/", "t:status:error group:billing"),
    "no-match": ("/", "t:group:mail status:complete", "enter"),
    "errors": (":jobs name:invoice-archive", "E"),
    "definition": ("v",),
    "ledger": (":ledger",),
    "columns": ("c",),
    "durations": (":durations invoice-sync-eu", "h", "h"),
    "marked": ("space", "space", "j", "space"),
    "quit": ("q",),
}
