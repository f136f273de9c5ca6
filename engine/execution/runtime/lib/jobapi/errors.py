"""What a call of the job API raises in the job."""


class JobApiError(Exception):
    """The job API refuses a call: it is wrong, or this run may not write any more."""

    __module__ = "jobapi"  # where job code has it from
    code = "JOB-API-ERROR"


class JobStopError(JobApiError):
    """The job was told to stop by `job_sleep`, and sleeps again (Qorus: STOP-ERROR)."""

    __module__ = "jobapi"
    code = "STOP-ERROR"
