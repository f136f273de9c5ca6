"""A scripted engine, a clock that stands still, and the console on them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from engine.clock import from_datetime
from engine.domain.instance import Status
from tests.support.first_looks import first_looks
from tests.support.stores import sqlite_template

__all__ = ["first_looks", "sqlite_template"]

NOON = from_datetime(datetime(2026, 1, 5, 12, 30, 5, tzinfo=UTC))
GOOD, BAD, CRASH = Status.COMPLETE, Status.ERROR, Status.CRASH

Opened = Callable[..., AbstractAsyncContextManager[Robot]]


@pytest.fixture(autouse=True)
def _fixed_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TOCSIN_THEME", "TOCSIN_SYMBOLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture(scope="session", autouse=True)
def _styles_parsed_once() -> Iterator[None]:
    """Parse a text of styles once for all consoles of this process: nothing writes to its rules.

    Each console is a new one and parses the styles of all its widgets, which took a tenth of the
    time. The same text with other colours in force is another one.
    """
    parsed: dict[Any, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(styles: Stylesheet, *text: Any, **about: Any) -> list[RuleSet]:
        colours = styles._variables
        key = (text, tuple(about.items()), tuple(colours), tuple(colours.values()))
        if key not in parsed:
            parsed[key] = parse(styles, *text, **about)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def engine(clock: ManualClock) -> ScriptedEngine:
    """The jobs of the design's mock-ups."""
    engine = ScriptedEngine(clock)
    engine.add_job(
        "invoice-sync-eu",
        groups=("billing",),
        version="1.4",
        single_instance=True,
        tags={"team": "vat"},
        description="Sync EU invoices to the ledger",
    )
    engine.add_job("invoice-archive", "0 2 * * *", groups=("billing",), next_in=48_600)
    engine.add_job("ledger-close", "0 0 1 * *", groups=("billing",), next_in=700_000)
    engine.add_job("price-feed", 30, groups=("billing",), enabled=False)
    engine.add_job("dunning-mail", "15 8 * * 1", groups=("mail",))
    engine.add_job("vat-report-nl", "0 6 * * *", groups=("billing",), next_in=61_200)
    engine.add_job("card-expiry-scan", "30 1 * * *", next_in=46_800)
    engine.change_group("mail", enabled=False, disabled_by="ops")
    engine.ran("invoice-sync-eu", *((GOOD, 3.0),) * 9, (BAD, 0.4), (GOOD, 3.2), (GOOD, 3.2))
    engine.ran("invoice-archive", *((GOOD, 700.0),) * 8, (BAD, 40.0), every=3600)
    engine.ran("ledger-close", *((GOOD, 7000.0),) * 4, (CRASH, 10.0), every=86_400)
    return engine


@pytest.fixture
def console(engine: ScriptedEngine, clock: ManualClock) -> Opened:
    def opened(**options: Any) -> AbstractAsyncContextManager[Robot]:
        return open_console(engine, clock, **options)

    return opened


@pytest.fixture
async def robot(console: Opened) -> AsyncIterator[Robot]:
    async with console() as robot:
        yield robot
