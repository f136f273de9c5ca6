"""Settings: what wins over what, and errors that name file, line and key."""

from pathlib import Path

import pytest

from engine.config import load_settings
from engine.errors import UsageError


def write(home: Path, text: str) -> None:
    (home / "settings.yaml").write_text(text)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={})
    assert settings.database_url == f"sqlite:///{tmp_path}/tocsin.db"
    assert (settings.lease_seconds, settings.instance_key) == (10.0, "main")


def test_the_call_wins_over_the_environment_and_the_environment_over_the_file(
    tmp_path: Path,
) -> None:
    write(tmp_path, "db: sqlite:////file.db\ninstance: from-file\nlease-seconds: 3\n")
    environment = {"TOCSIN_DB": "sqlite:////env.db", "TOCSIN_HOME": str(tmp_path)}
    settings = load_settings(None, None, "said", environment=environment)
    assert settings.home == tmp_path
    assert settings.database_url == "sqlite:////env.db"
    assert (settings.instance_key, settings.lease_seconds) == ("said", 3.0)


def test_job_code_that_calls_tocsin_names_no_engine_by_the_id_of_its_run(tmp_path: Path) -> None:
    named = {"TOCSIN_INSTANCE": "42"}
    assert load_settings(tmp_path, environment=named).instance_key == "42"
    of_a_run = {**named, "TOCSIN_RUN": "a mark"}
    assert load_settings(tmp_path, environment=of_a_run).instance_key == "main"
    assert load_settings(tmp_path, None, "west", environment=of_a_run).instance_key == "west"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("lease-seconds: 3\nleas-seconds: 4\n", "settings.yaml:2: unknown setting 'leas-seconds'"),
        ("leas-seconds: 4\n", "Nearest: 'lease-seconds'"),
        ("\n\nlease-seconds: soon\n", "settings.yaml:3: 'lease-seconds' must be a number"),
        ("max-parallel: 1.5\n", "'max-parallel' must be a number"),
        ("\nlease-seconds: 0.1\n", "settings.yaml:2: A lease of 0.1 s is too short"),
        ("\ngrace-seconds: -1\n", "settings.yaml:2: 'grace-seconds' is -1; it must be from 0"),
        ("pool-workers: 0\n", "'pool-workers' is 0; it must be from 1"),
        ("lease-seconds: .inf\n", "is too long"),
        ("lease-seconds: .nan\n", "A lease of nan s"),
        (f"grace-seconds: 1{'0' * 400}\n", "it must be from 0"),
        ("a: [\n  b\n", "settings.yaml:3:1: is not YAML"),
        ("- a\n", "must be a mapping"),
        ("a: [\n", "is not YAML"),
        ("\ninstance: 'a b'\n", "settings.yaml:2: The instance key 'a b' is not accepted"),
        ("\ndb: tocsin.db\n", "settings.yaml:2: The store 'tocsin.db' is not a URL"),
        (
            "\ntimezone: Europe/Praque\n",
            "yaml:2: 'timezone': no time zone is named 'Europe/Praque'; nearest: 'Europe/Prague'.",
        ),
        ("timezone: ../../etc/passwd\n", "no time zone is named"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(tmp_path: Path, text: str, part: str) -> None:
    write(tmp_path, text)
    with pytest.raises(UsageError) as refusal:
        load_settings(tmp_path, environment={})
    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "key", "part"),
    [(None, "a b", "The instance key 'a b'"), ("tocsin.db", None, "The store 'tocsin.db'")],
)
def test_what_the_call_says_is_refused_without_a_place(
    tmp_path: Path, url: str | None, key: str | None, part: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        load_settings(tmp_path, url, key, environment={})
    assert str(refusal.value).startswith(part)


def test_a_time_zone_of_the_file_holds_and_an_empty_one_is_the_machines(tmp_path: Path) -> None:
    for zone in ("Europe/Prague", "''"):
        write(tmp_path, f"timezone: {zone}\n")
        assert load_settings(tmp_path, environment={}).timezone == zone.strip("'")
