"""A short mix of every fault: nothing is lost, doubled, run side by side, or told wrongly.

The long campaigns are in `docs/campaigns.md`.
"""

from pathlib import Path

import pytest

from tests.chaos.cluster import campaign
from tests.chaos.machines import namespaces
from tests.chaos.report import Plan


@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")  # the database server's, where it is not set
@pytest.mark.parametrize(
    "plan",
    [
        Plan(seed=20_260_302, seconds=12, engines=3, jobs=18, calm=3),
        Plan(seed=20_260_304, seconds=3, engines=2, jobs=6, calm=1, hosts=True, alone=3),
        Plan(seed=20_260_303, seconds=10, engines=1, jobs=18, calm=3, on_sqlite=True),
    ],
    ids=["postgresql", "hosts", "sqlite"],
)
def test_a_short_mix_of_faults_leaves_nothing_wrong(tmp_path: Path, plan: Plan) -> None:
    if plan.hosts:
        try:
            namespaces()
        except RuntimeError as error:
            pytest.skip(f"NOT TESTED: {error}")
    report = campaign(tmp_path, plan)
    said = "\n".join(report.lines())
    assert (report.figures.violations, report.failure) == ([], ""), said
    assert len(report.faults) >= 3  # on a busy machine; else five times as many
    assert report.figures.begun >= 10
