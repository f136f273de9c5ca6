"""Which engines are alive, and which one nobody here can tell of."""

import pytest

from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)


def test_an_engine_out_of_sight_is_in_doubt_on_a_server_and_never_on_a_file(
    engine: ManualEngine, kind: str
) -> None:
    living = engine.system.living
    assert living.in_doubt() is None
    engine.open()
    doubted = living.in_doubt()
    if kind == "sqlite":
        assert doubted is None
    else:
        assert doubted is not None
        assert doubted.engine_key == engine.settings.instance_key
    engine.close()
    assert living.in_doubt() is None


def test_an_engine_that_handed_its_runs_over_is_not_alive_though_they_may_go_on(
    engine: ManualEngine, kind: str
) -> None:
    engine.open()
    engine.add(definition("long", cron("* * * * *")))
    engine.advance(60, step=10)
    assert engine.system.living.is_alive()
    engine.hand_over()
    living = engine.system.living
    assert living.engines() == []
    assert (living.in_doubt() is None) == (kind == "sqlite")
