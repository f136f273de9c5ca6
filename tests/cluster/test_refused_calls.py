"""What the database refuses of a job's call is refused to the job, and holds nothing up."""

from engine.scheduling.loop import Loop
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner
from tests.support.builders import definition


def test_a_call_that_the_database_refuses_is_refused_and_nothing_waits_for_it(
    join: Joiner, world: ScriptedWorld
) -> None:
    engine = join("west")
    engine.add(definition("job"))
    number = engine.run("job")
    loop = Loop(engine.life)
    world.call(number, "save_state_data", 1, data={"page": 1})
    world.call(number, "save_info", 2, info="after")
    with engine.database.begin() as tx:
        tx.run_sql("ALTER TABLE job_state_data ADD CONSTRAINT picky CHECK (saves < 0)")
    try:
        for _ in range(2):
            loop.turn()
    finally:
        loop.close()
        with engine.database.begin() as tx:
            tx.run_sql("ALTER TABLE job_state_data DROP CONSTRAINT picky")
    (supervisor,) = world.supervisors.values()
    assert [(seq, ok) for _, seq, ok, _ in supervisor.replies] == [(1, False), (2, True)]
    assert engine.instances("job")[0].info == "after\n"
