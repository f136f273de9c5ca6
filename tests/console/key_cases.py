"""What each key of the map shows when it is pressed, and what has to be pressed before it.

`{job}` in a text is the job that the case is about. A key without a case is told as forgotten.
"""

from dataclasses import dataclass, field

JOBS = """
name: a-long-wait
schedule: "0 3 * * *"
lang: shell
code: |
  trap 'echo told to stop; exit 3' TERM
  n=0
  while true; do n=$((n + 1)); echo "line $n"; sleep 0.5; done
---
name: often-broken
duration: 20
code: |
  def run():
      job_save_state_data({"last": 7, "password": "hunter2", "deep": {"er": [1, 2]}})
      raise ValueError("broken on purpose")
---
name: counter
duration: 15
code: |
  def run():
      state = job_get_state_data() or {"last": 0, "password": "hunter2", "deep": {"er": [1, 2]}}
      state["last"] += 1
      job_save_state_data(state)
      log(f"counted to {state['last']}")
      job_sleep(1)  # the console says that it runs until it has ended
"""

ENTER = "enter"


@dataclass(frozen=True)
class Case:
    """One key in one pane: `before` it, a text that is then on the screen, `after` it.

    In `before` a word of one letter or the name of a key is pressed, `~text` is waited for, and
    any other is typed. Where
    `shows` is empty the screen has to differ from the one before.
    """

    shows: str = ""  # a regular expression
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    panes: dict[str, "Case"] = field(default_factory=dict)  # where it differs


def go_to(job: str) -> tuple[str, ...]:
    """Return what puts the cursor of the jobs on a job."""
    return (f":job {job}", ENTER)


def only(job: str) -> tuple[str, ...]:
    """Return what leaves only the rows of a job in a table."""
    return (f"/name:{job}", ENTER, "g")


LOG = (":log often-broken", ENTER, "~often-broken  level", "~INFO")
STATE = (":data often-broken", ENTER, "~password")
GANTT = (":gantt", ENTER)
MEMBERS = ("tab", "g")
NO_FILTER = ("escape",)
STILL = Case("tocsin")  # may have nowhere to go: it is enough that nothing breaks

_RUNS = r"runs as #\d+|running as instance \d+"  # its schedule may have begun it just now
CASES: dict[str, Case] = {
    "jobs.run": Case(
        _RUNS,
        go_to("counter"),
        panes={
            "groups": Case("Run: no job is selected"),
            "instances": Case(_RUNS, only("counter"), NO_FILTER),
            "schedule": Case("runs as|Run: ", GANTT),
        },
    ),
    "jobs.enable": Case(
        "enabled counter",
        (*go_to("counter"), "d", "~disabled counter"),
        panes={
            "groups": Case("the group is enabled already"),
            "instances": Case(
                "enabled counter", (*only("counter"), "d", "~disabled counter"), NO_FILTER
            ),
            "schedule": Case("Enable: |enabled", GANTT),
        },
    ),
    "jobs.disable": Case(
        "disabled counter",
        go_to("counter"),
        ("e",),
        panes={
            "groups": Case("holds every job and cannot be disabled"),
            "instances": Case("disabled counter", only("counter"), ("e", *NO_FILTER)),
            "schedule": Case("disabled", GANTT, ("e",)),
        },
    ),
    "instances.stop": Case(
        "Stop: nothing of it runs",
        go_to("often-broken"),
        panes={
            "jobs": Case(
                r"Stop #\d+ a-long-wait\?", (*go_to("a-long-wait"), "r", "~runs as"), ("n",)
            ),
            "instances": Case(r"Stop #\d+ a-long-wait\?", ("g",), ("n",)),
            "logs": Case(r"Stop .*a-long-wait\?", (":log a-long-wait", ENTER), ("n",)),
            "schedule": Case(r"Stop .+\?", GANTT, ("n",)),
        },
    ),
    "instances.rerun": Case(
        r"Rerun .*often-broken\?",
        (*go_to("often-broken"), "r", "~ERROR", "~✗"),
        ("n",),
        panes={
            "instances": Case(r"Rerun .*often-broken\?", only("often-broken"), ("n", *NO_FILTER)),
        },
    ),
    "instances.errors": Case(
        "broken on purpose",
        (*go_to("often-broken"), "r", "~ERROR", "~✗"),
        panes={
            "instances": Case("Errors of #", only("often-broken"), ("escape", *NO_FILTER)),
        },
    ),
    "instances.info": Case(
        "cause +(schedule|manual)",
        (*go_to("often-broken"), "r", "~ERROR", "~✗"),
        panes={
            "instances": Case(
                "cause +(schedule|manual)", only("often-broken"), ("escape", *NO_FILTER)
            ),
            "logs": Case("cause +(schedule|manual)", (*LOG, "G")),
            "state": Case("cause +(schedule|manual)", STATE),
        },
    ),
    "logs.output": Case(
        " counter ",
        go_to("counter"),
        panes={
            "groups": Case("logs by time"),
            "instances": Case(
                r"counter #\d+|#\d+ counter|instance", only("counter"), ("3", *NO_FILTER)
            ),
            "schedule": Case("level|nothing is selected", GANTT),
            "state": Case("often-broken", STATE),
        },
    ),
    "logs.search": Case("/", LOG),
    "logs.next": Case("", (*LOG, "/", "purpose", ENTER)),
    "logs.previous": Case("", (*LOG, "/", "purpose", ENTER)),
    "logs.only": Case("&", LOG),
    "logs.level": Case(r"level INFO\+", LOG, ("!", "!", "!", "!", "!")),
    "errors.next": Case("level", (*LOG, "g"), panes={"instances": Case("", ("g",))}),
    "errors.previous": Case("level", (*LOG, "G"), panes={"instances": Case("", ("G",))}),
    "logs.mark": Case(r"---- mark \d", LOG),
    "logs.next-mark": Case("", (*LOG, "m", "g")),
    "logs.wrap": Case(
        "tocsin", (":enginelog", ENTER, "~INFO"), ("w",), {"state": Case("tocsin", STATE, ("w",))}
    ),
    "logs.earlier": Case("", (*LOG, "G")),
    "logs.later": Case("", (*LOG, "g")),
    "logs.timeline": Case("gantt", LOG),
    "jobs.definition": Case(
        "Definition of",
        go_to("counter"),
        panes={
            "groups": Case("Def: no job is selected"),
            "schedule": Case("Definition of", GANTT),
            "logs": Case("Definition of", LOG),
            "state": Case("Definition of", STATE),
            "instances": Case("Definition of"),
        },
    ),
    "jobs.why": Case(
        "Why counter",
        go_to("counter"),
        panes={
            "groups": Case("Why: no job is selected"),
            "schedule": Case("━ Why |- Why ", GANTT),
            "logs": Case("Why often-broken", LOG),
            "state": Case("Why often-broken", STATE),
            "instances": Case("Why "),
        },
    ),
    "jobs.timeline": Case(
        "gantt",
        go_to("counter"),
        panes={
            "groups": Case("gantt"),
            "instances": Case("gantt"),
        },
    ),
    "jobs.durations": Case(
        "Durations|no run|never ran",
        go_to("counter"),
        panes={
            "groups": Case("Durations: no job is selected"),
            "instances": Case("Durations|no run|never ran"),
            "schedule": Case("Durations|no run|never ran", GANTT),
        },
    ),
    "jobs.state": Case(
        "counter",
        go_to("counter"),
        panes={
            "groups": Case("State: no job is selected"),
            "schedule": Case("state data|Saves", GANTT),
            "logs": Case("often-broken", LOG),
            "instances": Case("counter", only("counter"), ("3", *NO_FILTER)),
        },
    ),
    "jobs.schedule": Case(
        "Time zone",
        go_to("counter"),
        panes={
            "groups": Case("Schedule: no job is selected"),
            "schedule": Case("Time zone", GANTT),
        },
    ),
    "groups.create": Case("New group"),
    "groups.add": Case(
        "Add 1 to group",
        go_to("counter"),
        panes={
            "groups": Case("Fill group", ("g", "j")),
        },
    ),
    "state.form": Case("", STATE, ("J", "J")),
    "state.diff": Case("difference", STATE),
    "state.reveal": Case("hunter2", STATE, ("H",)),
    "state.clear": Case("━ Clear ━", STATE),
    "state.edit": Case("━ Edit ━", STATE),
    "schedule.view": Case("gantt"),
    "schedule.in": Case("", GANTT),
    "schedule.out": Case("", GANTT),
    "schedule.earlier": Case("", GANTT),
    "schedule.later": Case("", GANTT),
    "schedule.now": Case("", (*GANTT, "<", "<")),
    "moment": Case("━ As of ", (":at 1m", ENTER, "~AS OF"), ("escape", "L")),
    "moment.live": Case("back to now", (":at 1m", ENTER, "~AS OF")),
    "moment.earlier": Case("no moment of the past is shown"),
    "moment.later": Case("no moment of the past is shown"),
    "engine.pause": Case(r"Pause the engine\?", (), ("n",)),
    "engine.resume": Case("Resume: it runs already"),
    "go.jobs": Case("SCHEDULE"),
    "go.groups": Case("GROUP.* JOBS"),
    "go.instances": Case("INSTANCE"),
    "go.logs": Case("level"),
    "go.state": Case("State data"),
    "go.schedule": Case("view:"),
    "go.engine": Case("Due instants"),
    "move.down": Case("tocsin", panes={"jobs": Case("")}),
    "move.up": Case("tocsin", panes={"jobs": Case("", ("j",))}),
    "move.half_down": Case("tocsin", panes={"jobs": Case("")}),
    "move.half_up": Case("tocsin", panes={"jobs": Case("", ("G",))}),
    "move.page_down": Case("tocsin", panes={"jobs": Case("")}),
    "move.page_up": Case("tocsin", panes={"jobs": Case("", ("G",))}),
    "move.home": Case("tocsin", panes={"jobs": Case("", ("G",))}),
    "move.end": Case("tocsin", panes={"jobs": Case("")}),
    "move.left": STILL,
    "move.right": STILL,
    "part.next": STILL,
    "part.previous": STILL,
    "open": STILL,
    "leave": Case("tocsin", panes={"jobs": Case("a-long-wait", ("/nothing", ENTER))}),
    "back": Case("INSTANCE", ("3", "4")),
    "forward": Case("level", ("3", "4", "[")),
    "zoom": Case("tocsin", (), ("z",)),
    "redraw": STILL,
    "resync": Case("reading everything anew"),
    "follow": Case("FROZEN", (), ("f",)),
    "undo": Case(
        "taken back: counter|taken back",
        (":enable counter", ENTER, ":disable counter", ENTER, "~disabled counter"),
    ),
    "help": Case("━ Keys ━"),
    "menu": Case("━ Actions ━"),
    "command": Case(r"^ :", ()),
    "palette": Case("━ Palette ━"),
    "copy": Case("━ Copy ━|nothing to copy"),
    "filter": Case(r"^ /", ()),
    "mark": Case("marked 1", (), ("escape",)),
    "mark.range": Case("a range begins", (), ("escape",)),
    "mark.down": Case("marked", (), ("escape",)),
    "mark.up": Case("marked", ("j",), ("escape",)),
    "mark.all": Case("marked", (), ("escape",)),
    "sort.next": Case("sort:", (), ("<",)),
    "sort.previous": Case("sort:", (), (">",)),
    "sort.reverse": Case("sort:", (), ("=",)),
    "columns": Case("━ Columns ━"),
    "filter.use": Case("━ Filters ━"),
}

# Those that leave the console, each on a console of its own.
LEAVING = ("quit", "quit.now")
TO_THE_SHELL = ("suspend",)
