"""A definition to start from: it loads as it is, and says what may be changed."""

from engine.definitions.exporting import in_yaml
from engine.definitions.problems import shown
from engine.definitions.values import NAME
from engine.errors import DefinitionError

_TEMPLATE = """\
# A job of tocsin. `tocsin load THIS_FILE --check` checks it, `tocsin load THIS_FILE` loads it.
name: {name}
version: "1.0"
desc: Says hello three times

# When: five cron fields (minute hour day month weekday), or `duration: 600` for every 600 seconds.
schedule: "*/5 * * * *"
# timezone: Europe/Prague      # default: the machine's
# dst-gap: after               # when clocks go forward: after (default), skip or shift
# dst-overlap: first           # when clocks go back: first (default), last or both
# expiry-date: 2030-12-31      # not run at or after this
# run-skipped: true            # run once, late, if a due time passed while nothing could run it
# single-instance: false       # true: on one engine at a time
# active: true

# groups: [housekeeping]       # switched on and off together
# tags: {{team: ops}}

lang: python                   # or shell
# library: [lib/notify.py]     # files loaded before Python code, in this order
options: {{greeting: hello}}     # read by get_option(); operators may change them
timeout: 60                    # seconds
# limits: {{memory: "512M", cpu: 30, files: 256, processes: 32}}
# env: {{LANG: C.UTF-8}}
# cwd: /tmp                    # default: the folder of this file
# user: nobody                 # only if the engine runs as root
# interpreter: /opt/venv/bin/python
# isolation: process           # or pool: reused workers, for tiny jobs that run often
# retention: 30                # days that finished instances are kept

# The code itself, or the name of a file beside this one (code: {name}.py).
code: |
  def run():
      # State data outlive an error and a crash, and go when a run is complete: begin there.
      done = (job_get_state_data() or {{}}).get("done", 0)
      for step in range(done, 3):
          log(f"{{get_option('greeting')}}, step {{step + 1}} of 3")
          job_progress((step + 1) / 3, f"step {{step + 1}}")
          job_save_state_data({{"done": step + 1}})
      job_save_info({{"steps": 3}})  # stays with this instance
"""


def template(name: str) -> str:
    """Return a commented definition of a job called `name`.

    Raises:
        DefinitionError: `name` is no name of a job.
    """
    if not NAME.match(name):
        problem = (
            f"{shown(name)} is no name of a job: only 1 to 160 letters a to z or A to Z, "
            "digits, _, -"
        )
        raise DefinitionError([problem])
    return _TEMPLATE.format(name=in_yaml(name))
