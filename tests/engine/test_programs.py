"""The code of jobs is kept as far as there is room, and is there for every run of a batch."""

import pytest

from engine.domain.instance import Status
from engine.scheduling import programs
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every

CODE = "def run(): pass\n"


@pytest.mark.parametrize("room", [0, 2, 3, 9])
def test_a_batch_has_its_code_that_there_is_no_room_to_keep(
    engine: ManualEngine, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(programs, "_KEPT_BYTES", room * len(CODE))
    for number, seconds in enumerate((60, 60, 120, 120)):
        engine.add(definition(f"job-{number}", every(seconds), CODE))
    engine.advance(240, step=60)
    assert len(engine.instances(None, Status.COMPLETE)) == 4 + 4 + 2 + 2
    assert {spec.execution.code for spec in engine.world.submitted} == {CODE}
