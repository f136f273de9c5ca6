"""What a Python job can import, and what stands in its namespace."""

import textwrap
from collections.abc import Callable
from pathlib import Path

from engine.domain.instance import Ending
from engine.domain.job import LibraryObject
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body


def test_a_users_own_packages_app_and_engine_work(driver: Driver, tmp_path: Path) -> None:
    for name in ("app", "engine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"OWNER = 'the user of {name}'\n")
        (tmp_path / name / "parts.py").write_text("def part():\n    return 'a part'\n")
    code = "import app, engine\nfrom engine.parts import part\n" + body(
        "job_save_info([app.OWNER, engine.OWNER, part()])"
    )
    for isolation in ("process", "pool"):
        told = driver.told(code, code_path=str(tmp_path / "job.py"), isolation=isolation)
        assert told == ["the user of app", "the user of engine", "a part"]


def test_nothing_of_ours_is_importable_as_app_or_engine(driver: Driver, tmp_path: Path) -> None:
    code = body("""
        import sys
        refused = []
        for name in ("app", "engine", "engine.clock", "app.cli"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                refused.append(error.name)
        ours = [name for name in sys.modules if name.split(".")[0] in ("app", "engine")]
        job_save_info([refused, ours])
        """)
    for isolation in ("process", "pool"):
        told = driver.told(code, code_path=str(tmp_path / "job.py"), isolation=isolation)
        assert told == [["app", "engine", "engine", "app"], []]


def test_an_installed_engine_is_hidden_from_jobs(
    drivers: Callable[..., Driver], tmp_path: Path
) -> None:
    site = tmp_path / "site-packages"
    for name in ("engine", "useful"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text("")
    driver = drivers(site=(str(site),))
    told = driver.told(
        body("""
        import useful
        try:
            import engine
        except ImportError as error:
            job_save_info(str(error))
        """)
    )
    assert told == "No module named 'engine'"


def test_the_path_is_the_jobs_folder_then_the_library_then_what_is_installed(
    driver: Driver, tmp_path: Path
) -> None:
    code = body("import sys; job_save_info(sys.path)")
    path = driver.told(code, code_path=str(tmp_path / "job.py"))
    assert path[0] == str(tmp_path)
    kinds = ["site-packages" in entry for entry in path]
    assert kinds == sorted(kinds)
    assert any(kinds)


def test_a_module_beside_the_job_wins_over_the_standard_library(
    driver: Driver, tmp_path: Path
) -> None:
    (tmp_path / "statistics.py").write_text("mean = 'mine'\n")
    code = "import statistics\n" + body("job_save_info(statistics.mean)")
    assert driver.told(code, code_path=str(tmp_path / "job.py")) == "mine"


def test_the_engines_own_libraries_can_be_imported(driver: Driver) -> None:
    assert driver.told(body("import yaml; job_save_info(yaml.safe_load('[1, 2]'))")) == [1, 2]


def test_library_objects_are_there_before_the_code_in_their_order(
    driver: Driver, tmp_path: Path
) -> None:
    library = (
        LibraryObject("lib/first.py", "ORDER = ['first']\ndef name():\n    return 'first'\n"),
        LibraryObject("lib/second.py", "ORDER.append('second')\nclass Disk:\n    size = 7\n"),
    )
    code = "ORDER.append('code')\n" + body("job_save_info([ORDER, name(), Disk.size])")
    told = driver.told(code, library=library, code_path=str(tmp_path / "job.py"))
    assert told == [["first", "second", "code"], "first", 7]


def test_an_exception_in_a_library_object_names_its_file(driver: Driver, tmp_path: Path) -> None:
    library = (LibraryObject("lib/notify.py", "def tell():\n    raise OSError('no route')\n"),)
    ended = driver.run(body("tell()"), library=library, code_path=str(tmp_path / "job.py"))
    assert ended.error is not None
    assert f'File "{tmp_path}/lib/notify.py", line 2, in tell' in ended.error.traceback
    assert "raise OSError('no route')" in ended.error.traceback


def test_the_api_is_in_the_namespace_and_importable(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        "from jobapi import job_save_info\ndef save(x):\n    job_save_info(x)\n"
    )
    code = "import helper\nimport jobapi\n" + body(
        "assert job_save_info is jobapi.job_save_info; helper.save('from a module')"
    )
    assert driver.told(code, code_path=str(tmp_path / "job.py")) == "from a module"


def test_a_dataclass_and_a_pool_of_processes_work_in_a_job(driver: Driver) -> None:
    code = textwrap.dedent("""
        from concurrent.futures import ProcessPoolExecutor
        from dataclasses import dataclass
        import math, multiprocessing

        @dataclass
        class Found:
            total: int

        def run():
            context = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(2, mp_context=context) as pool:
                job_save_info(Found(sum(pool.map(math.factorial, range(5)))).total)
        """)
    number = driver.submit(code)
    ended = driver.exited(number)
    assert ended.ending is Ending.RETURNED, driver.log()
    assert driver.info(number) == 34
