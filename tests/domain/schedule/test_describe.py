import pytest

from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.describe import describe


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/10 * * * *", "every 10 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
        ("*/25 * * * *", "at minutes 0, 25 and 50 of every hour"),
        ("0 * * * *", "every hour"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 */2 * * *", "every 2 hours"),
        ("30 */6 * * *", "every 6 hours at minute 30"),
        ("*/15 9-17 * * mon-fri", "every 15 minutes from 09:00 to 17:59 on Monday to Friday"),
        ("*/15 2 * * *", "every 15 minutes from 02:00 to 02:59 every day"),
        ("30 2 * * *", "at 02:30 every day"),
        ("30 2 * * 1-5", "at 02:30 on Monday to Friday"),
        ("0 8,20 * * 6,7", "at 08:00 and 20:00 on Saturday and Sunday"),
        ("0 4 1,15 * fri", "at 04:00 on the 1st and 15th and on Friday"),
        ("0 0 1 1 *", "at 00:00 on 1 January"),
        ("0 0 1 */3 *", "at 00:00 on the 1st in January, April, July and October"),
        ("0 0 * jun-aug *", "at 00:00 every day in June to August"),
        ("0 0 1-7 * *", "at 00:00 on the 1st to 7th"),
        ("0 0 */2 * *", "at 00:00 on every 2nd day of the month from the 1st"),
        ("0 0 2,3,11,13,22,23 * *", "at 00:00 on the 2nd, 3rd, 11th, 13th, 22nd and 23rd"),
        ("7 0-9,12 * * *", "at minute 7 in the hours 0 to 9 and 12 every day"),
        ("1-9,40 1,3 * * *", "at minutes 1 to 9 and 40 in the hours 1 and 3 every day"),
        ("*/2 1,3 * * *", "every 2 minutes in the hours 1 and 3 every day"),
    ],
)
def test_a_cron_schedule_in_words(text: str, words: str) -> None:
    assert describe(parse_cron(text)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "every second"),
        (90, "every 90 seconds"),
        (600, "every 10 minutes"),
        (3600, "every hour"),
        (7200, "every 2 hours"),
        (86_400, "every day"),
    ],
)
def test_a_recurring_schedule_in_words(seconds: int, words: str) -> None:
    assert describe(RecurringSchedule(seconds)) == words
