"""Three simulated engines on one PostgreSQL: each due instant once, no run beside another."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.chaos.simulated_peers import simulate_peers
from tests.support.stores import postgres_address, postgres_shared, postgres_url

__all__ = ["postgres_address", "postgres_shared", "postgres_url"]


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_peers_share_the_work_whoever_dies_or_freezes(
    tmp_path: Path, postgres_url: URL, seed: int
) -> None:
    wrong, told = simulate_peers(tmp_path, postgres_url, seed, steps=60)
    assert wrong == [], "\n".join(told)
