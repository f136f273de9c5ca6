"""Ask TCP and HTTP services whether they are up; say so when that changes."""

import csv
import http.client
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from jobapi import get_option, job_error, job_progress, job_save_info, job_sleep, job_warning, log


def run():
    services = listed()
    changes = Changes()
    report = {}
    for number, service in enumerate(services):
        job_progress(number / len(services), service["name"])
        began = time.monotonic()
        problem = probe(service["kind"], service["target"])
        took = round((time.monotonic() - began) * 1000, 1)
        state = "down" if problem else "up"
        before = changes.was(service["name"])
        report[service["name"]] = {"state": state, "ms": took, "why": problem}
        log(f"{service['name']} ({service['target']}) is {state}, {took} ms {problem}".rstrip())
        if changes.is_news(service["name"], state):
            tell(service, before, state, problem)
        if not job_sleep(0):
            raise SystemExit("asked to stop")
    changes.close()
    job_save_info(
        {"up": sum(each["state"] == "up" for each in report.values()), "services": report}
    )


def listed():
    """Return the services of the file: name, kind (tcp, http), target, if_down."""
    path = Path(get_option("services"))  # a job works in the folder of its definition
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for row in rows:
        if row["kind"] not in {"tcp", "http"} or row["if_down"] not in {"ignore", "warn", "error"}:
            raise ValueError(
                f"{path}: {row['name']}: kind is tcp or http, if_down ignore, warn or error"
            )
    return rows


def probe(kind, target):
    """Return why the service is not up; "" if it is."""
    try:
        return tcp(target) if kind == "tcp" else web(target)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__


def tcp(target):
    host, _, port = target.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=get_option("seconds")):
        return ""


def web(target):
    url = urlsplit(target)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname, url.port, timeout=get_option("seconds"))
    try:
        connection.request("GET", url.path or "/", headers={"User-Agent": "tocsin probe"})
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if status < 400 else f"answers {status}"


def tell(service, before, state, problem):
    """Record a change, as severely as the file says."""
    if state == "up":
        log(f"{service['name']} is up again")
    elif service["if_down"] == "error":
        job_error("SERVICE-DOWN", f"{service['name']} was {before}: {problem}", info=service)
    elif service["if_down"] == "warn":
        job_warning("SERVICE-DOWN", f"{service['name']} was {before}: {problem}", info=service)
