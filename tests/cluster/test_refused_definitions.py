"""An engine that starts leaves the alerts about what another one follows."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from app.sources import Sources
from engine.clock import SECOND, SystemClock
from engine.config import Settings
from engine.control import open_system
from engine.errors import DefinitionError
from tests.support.stores import a_session


@pytest.mark.parametrize(("peer_seen_seconds_ago", "stand"), [(0, 1), (60, 0)])
def test_an_engine_that_starts_leaves_the_alerts_while_another_one_is_alive(
    tmp_path: Path, postgres_url: URL, peer_seen_seconds_ago: int, stand: int
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("nonsense: 1\n")
    url = postgres_url.render_as_string(hide_password=False)
    west = Settings(tmp_path, url, instance_key="west")
    with pytest.raises(DefinitionError):
        Sources(west, [wrong], watch=False).first_load()
    system = open_system(west)
    try:
        with system.database.begin() as tx:
            a_session(tx, "west", beat_at=SystemClock().now() - peer_seen_seconds_ago * SECOND)
        Sources(replace(west, instance_key="east"), [], watch=False).first_load()
        assert len(system.alerts.current()) == stand
    finally:
        system.close()
