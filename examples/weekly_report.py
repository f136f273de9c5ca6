"""How the jobs did in the last days: runs, failures, times, and what was never explained."""

import collections
import statistics
import time

from jobapi import get_option, job_progress, job_save_info, job_warning, log

LIMIT = 200_000
ROW = "{:<24} {:>6} {:>6} {:>6} {:>9} {:>9}  {}"


def run():
    since = f"{get_option('days')}d"
    job_progress(0.1, "asks for the instances")
    instances = ask_tocsin("instance", "list", "--since", since, "--limit", str(LIMIT))
    job_progress(0.6, "asks for the ledger")
    ledger = the_ledger(since)
    lines, totals = table(instances)
    for line in lines:
        log(line)
    path = keep_folder() / time.strftime("report-%Y-%m-%d.txt", time.gmtime())
    written = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    head = f"tocsin, the last {get_option('days')} days, written {written}"
    path.write_text("\n".join([head, "", *lines, "", *told(ledger)]) + "\n", encoding="utf-8")
    if ledger and ledger.get("unexplained"):
        job_warning(
            "UNEXPLAINED", f"{ledger['unexplained']} due instants have no verdict", info=ledger
        )
    job_save_info({"report": str(path), "runs": len(instances), **totals, "ledger": ledger})


def the_ledger(since):
    """Return the account of due instants; None, and a warning, where it cannot be had."""
    try:
        return ask_tocsin("ledger", "--since", since)
    except TocsinError as error:
        job_warning("NO-LEDGER", str(error))
        return None


def told(ledger):
    if ledger is None:
        return []
    return [f"{key}: {value}" for key, value in ledger.items() if isinstance(value, int)]


def table(instances):
    """Return the report line by line, the job with the most failures first, and the totals."""
    by_job = collections.defaultdict(list)
    for instance in instances:
        by_job[instance["name"]].append(instance)
    rows = sorted(by_job.items(), key=lambda item: (-failures(item[1]), item[0]))
    lines = [ROW.format("job", "runs", "failed", "crash", "median", "longest", "last failure")]
    for name, runs in rows:
        seconds = [each["seconds"] for each in runs if each["seconds"] is not None] or [0.0]
        crashes = sum(each["jobstatus"] == "CRASH" for each in runs)
        times = duration(statistics.median(seconds)), duration(max(seconds))
        row = ROW.format(name, len(runs), failures(runs), crashes, *times, last_failure(runs))
        lines.append(row.rstrip())
    statuses = collections.Counter(each["jobstatus"] for each in instances)
    return lines, {"by status": dict(statuses)}


def failures(runs):
    return sum(each["jobstatus"] in {"ERROR", "CRASH"} for each in runs)


def last_failure(runs):
    failed = [each for each in runs if each["jobstatus"] in {"ERROR", "CRASH"}]
    if not failed:
        return ""
    last = max(failed, key=lambda each: each["started"])
    return f"{last['started'][:16]} {last['detail'] or last['ending'] or ''}"
