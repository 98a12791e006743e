"""Why a job cannot be asked for, called off or downloaded."""

from outreach.shared.errors import ConflictError, NotFoundError, OutreachError, TooManyRequestsError

__all__ = ["JobFileGoneError", "JobGivenUpError", "JobNotDoneError", "JobStateError", "TooManyJobsError"]


class JobNotDoneError(ConflictError):
    """There is nothing to download: it is not done (yet); ``state``."""

    code = "report-job-not-done"


class JobFileGoneError(NotFoundError):
    """It was made, and its document is past its time; ``days`` it was kept."""

    code = "report-job-file-gone"


class JobStateError(ConflictError):
    """It is in a state from which this cannot be done; ``state``."""

    code = "report-job-state"


class TooManyJobsError(TooManyRequestsError):
    """The person has ``most`` jobs that wait."""

    code = "too-many-report-jobs"


class JobGivenUpError(OutreachError):
    """Its process ended in the middle ``tries`` times; kept with the job."""

    code = "report-job-given-up"
