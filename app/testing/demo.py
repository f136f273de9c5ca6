"""A scripted engine with the jobs of the design's mock-ups, for trying the console by hand."""

import sys

from app.actions.all import all_actions
from app.console import ConsoleApp
from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.theming.library import ThemeLibrary
from engine.clock import SystemClock
from engine.domain.instance import Status

GOOD, BAD, CRASH = Status.COMPLETE, Status.ERROR, Status.CRASH


def demo_engine(count: int = 20) -> ScriptedEngine:
    """Return a scripted engine with a few jobs in every condition."""
    engine = ScriptedEngine(SystemClock())
    engine.add_job(
        "invoice-sync-eu",
        groups=("billing",),
        version="1.4",
        single_instance=True,
        tags={"team": "vat"},
        description="Sync EU invoices to the ledger",
    )
    engine.add_job("invoice-archive", "0 2 * * *", groups=("billing",), next_in=48_000)
    engine.add_job("ledger-close", "0 0 1 * *", groups=("billing",), next_in=700_000)
    engine.add_job("price-feed", 30, groups=("feeds",), enabled=False)
    engine.add_job("dunning-mail", "15 8 * * 1", groups=("mail",))
    engine.add_job("vat-report-nl", "0 6 * * *", groups=("billing",), next_in=60_000)
    for number in range(count):
        engine.add_job(f"card-scan-{number:03}", "30 1 * * *", next_in=3600 + number)
    engine.change_group("mail", enabled=False, disabled_by="ops")
    engine.ran("invoice-sync-eu", *((GOOD, 3.0 + index % 3) for index in range(20)), (BAD, 0.4))
    engine.ran("invoice-archive", *((GOOD, 700.0),) * 8, (BAD, 40.0))
    engine.ran("ledger-close", *((GOOD, 7000.0),) * 11, (CRASH, 10.0), every=86_400)
    engine.begin("vat-report-nl")
    lines = [
        f"2026-11-23T07:{second // 60:02}:{second % 60:02}.000123Z "
        f"{'INFO ' if second % 37 else 'ERROR'} JI {881_200 + second // 50}: "
        f"fetched {second} invoices since the last run" + " and more" * (second % 23)
        for second in range(3000)
    ]
    engine.logs["invoice-sync-eu"] = engine.logs["engine"] = "\n".join(lines).encode() + b"\n"
    return engine


if __name__ == "__main__":
    ConsoleApp(
        demo_engine(),
        all_actions(),
        ConsoleOptions(theme=ThemeLibrary().choose([*sys.argv, "ansi-dark"][1])),
    ).run()
