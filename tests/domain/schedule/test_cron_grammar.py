import pytest

from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.fields import DAY, HOUR, KINDS, MINUTE, MONTH, WDAY, Kind, expand
from engine.domain.schedule.recurring import check_recurring
from engine.errors import CronError, ScheduleError


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        (MINUTE, "*", tuple(range(60))),
        (MINUTE, "*/25", (0, 25, 50)),
        (MINUTE, "05", (5,)),
        (MINUTE, "10-20/5,59,0", (0, 10, 15, 20, 59)),
        (MINUTE, "7-7/3", (7,)),
        (HOUR, "22-23,0-2", (0, 1, 2, 22, 23)),
        (DAY, "31", (31,)),
        (MONTH, "JAN-mar,Dec", (1, 2, 3, 12)),
        (WDAY, "0", (0,)),
        (WDAY, "7", (0,)),
        (WDAY, "5-7", (0, 5, 6)),
        (WDAY, "fri-sun,mon", (0, 1, 5, 6)),
        (WDAY, "Sun-Tue", (0, 1, 2)),
        (WDAY, "sun-sun", (0,)),
        (WDAY, "sun-sat", (0, 1, 2, 3, 4, 5, 6)),
        (WDAY, "1-7", (0, 1, 2, 3, 4, 5, 6)),
        (WDAY, "*/2", (0, 2, 4, 6)),
    ],
)
def test_a_field_names_these_values(kind: Kind, text: str, values: tuple[int, ...]) -> None:
    assert expand(text, kind).values == values


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_range_with_every_step_is_the_plain_arithmetic_progression(kind: Kind) -> None:
    for low in range(kind.low, kind.high + 1, 3):
        for high in range(low, kind.high + 1, 2):
            for step in (1, 2, 5, kind.size - 1):
                wanted = {
                    value % 7 if kind is WDAY else value for value in range(low, high + 1, step)
                }
                assert expand(f"{low}-{high}/{step}", kind).values == tuple(sorted(wanted))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_star_in_a_list_names_every_value(kind: Kind) -> None:
    every = expand("*", kind)
    for text in (f"*,{kind.low}", f"{kind.low},*", f"{kind.low}-{kind.low + 2},*,*/2", "*,*"):
        assert expand(text, kind) == every


def test_a_full_set_restricts_nothing_however_it_is_written() -> None:
    assert expand("1-31", DAY).is_full
    assert expand("*/1", DAY).is_full
    assert expand("0-7", WDAY).is_full
    assert not expand("*/2", DAY).is_full


@pytest.mark.parametrize(
    ("text", "field", "position", "says"),
    [
        ("61 * * * *", "minute", 1, "outside 0 to 59"),
        ("0 1,24 * * *", "hour", 5, "outside 0 to 23"),
        ("0 0 0 * *", "day", 5, "outside 1 to 31"),
        ("0 0 * 13 *", "month", 7, "outside 1 to 12"),
        ("0 0 * * 8", "wday", 9, "outside 0 to 7"),
        ("0 22-2 * * *", "hour", 3, "write 22-23,0-2"),
        ("0 0 * * fri-mon", "wday", 9, "write fri-sun,mon"),
        ("0 0 * * sat-tue", "wday", 9, "write sat-sun,mon-tue"),
        ("0 0 * * 5-0", "wday", 9, "write 5-7"),
        ("0 0 * nov-feb *", "month", 7, "write nov-dec,jan-feb"),
        ("*/0 * * * *", "minute", 3, "at least 1"),
        ("*/60 * * * *", "minute", 3, "smaller than the field's whole range, 60"),
        ("0 0-5/24 * * *", "hour", 7, "smaller than the field's whole range, 24"),
        ("0 0 */31 * *", "day", 7, "whole range, 31"),
        ("0 0 * */12 *", "month", 9, "whole range, 12"),
        ("0 0 * * */7", "wday", 11, "whole range, 7"),
        ("5/10 * * * *", "minute", 1, "write 5-59/10"),
        ("1,,2 * * * *", "minute", 3, "empty item"),
        ("1, * * * *", "minute", 3, "empty item"),
        ("*-5 * * * *", "minute", 1, "a range needs a value"),
        ("0 0 * foo *", "month", 7, "its names are jan"),
        ("0 0 * * monday", "wday", 9, "its names are sun"),
        ("mon * * * *", "minute", 1, "it has no names"),
        ("R * * * *", "minute", 1, "it has no names"),
        ("0 0 L * *", "day", 5, "it has no names"),
        ("0 0 * * 1#5", "wday", 9, "which is no"),
        ("0 0 ? * *", "day", 5, "which is no"),
        ("\u0661 * * * *", "minute", 1, "which is no"),
        ("*/999999999999 * * * *", "minute", 3, "whole range"),
        ("99999999999999 * * * *", "minute", 1, "outside 0 to 59"),
        ("0 0 30 2 *", "day", 5, "February has no day 30"),
        ("0 0 31 4,6,9,11 *", "day", 5, "never fires"),
        ("0 0 30,31 feb *", "day", 5, "never fires"),
        ("* * * *", "", 8, "has 4"),
        ("* * * * * *", "", 11, "has 6"),
        ("", "", 1, "has 0"),
        ("@dayly", "", 1, "nearest: @daily"),
        ("@reboot", "", 1, "No cron macro"),
        ("0," * 200 + "0 * * * *", "", 257, "at most 256"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused(
    text: str, field: str, position: int, says: str
) -> None:
    with pytest.raises(CronError) as caught:
        parse_cron(text)
    assert (caught.value.field, caught.value.position) == (field, position)
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    if field:
        assert field in caught.value.message or "never fires" in caught.value.message


def test_the_position_in_the_message_is_the_one_in_the_line() -> None:
    with pytest.raises(CronError, match=r"position 11"):
        parse_cron("  0 0 1,2, * *")


@pytest.mark.parametrize(
    ("macro", "line"),
    [
        ("@hourly", "0 * * * *"),
        ("@Daily", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
    ],
)
def test_macros_stand_for_lines(macro: str, line: str) -> None:
    assert parse_cron(macro).expression == line


def test_a_mapping_of_five_fields_is_read() -> None:
    fields = {"minutes": "*/5", "hours": 3, "days": "*", "months": "*", "dow": "mon-fri"}
    assert parse_cron(fields) == CronSchedule("*/5", "3", "*", "*", "mon-fri")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"minutes": "0", "hours": "0", "days": "*", "months": "*"}, "lacks 'dow'"),
        ({"minute": "0"}, "Nearest: 'minutes'"),
        ({"minutes": True, "hours": "0", "days": "*", "months": "*", "dow": "*"}, "not True"),
        ({"minutes": "", "hours": "0", "days": "*", "months": "*", "dow": "*"}, "empty item"),
        ({"minutes": "0", "hours": "0 1", "days": "*", "months": "*", "dow": "*"}, "which is no"),
    ],
)
def test_a_wrong_mapping_is_refused(fields: dict[str, object], says: str) -> None:
    with pytest.raises(CronError, match=says):
        parse_cron(fields)


def test_a_leap_day_and_a_day_or_weekday_can_fire() -> None:
    assert parse_cron("0 0 29 2 *").day == "29"
    assert parse_cron("0 0 30 2 mon").wday == "mon"


def test_an_unknown_zone_names_the_nearest() -> None:
    with pytest.raises(ScheduleError, match="Nearest: 'Europe/Prague'"):
        parse_cron("* * * * *", "europe/prauge")


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "/etc/localtime", "Europe", "a\0b", "x" * 500]
)
def test_what_is_no_zone_name_is_refused(name: str) -> None:
    with pytest.raises(ScheduleError, match="No time zone"):
        parse_cron("* * * * *", name)


def test_unknown_contracts_are_refused() -> None:
    with pytest.raises(ScheduleError, match="dst-gap is 'before'; it is one of after, skip, shift"):
        parse_cron("* * * * *", dst_gap="before")
    with pytest.raises(ScheduleError, match="one of first, last, both"):
        parse_cron("* * * * *", dst_overlap="never")


def test_a_recurring_schedule_is_whole_seconds_within_bounds() -> None:
    assert check_recurring(1) == RecurringSchedule(1)
    assert check_recurring(9_999_999, "Europe/Prague").timezone == "Europe/Prague"
    for wrong in (0, -1, 10_000_000, 1.5, True, "60", None):
        with pytest.raises(ScheduleError):
            check_recurring(wrong)
