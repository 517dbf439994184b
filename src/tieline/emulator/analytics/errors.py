"""Refusals of the analytics jobs."""

from tieline.emulator.wire_errors import Refusal


def not_ready(job_id: str, state: str) -> Refusal:
    """Results were asked for before the job is fulfilled, or after it failed or was cancelled."""
    return Refusal(
        400,
        "bad.request",
        "The job {jobId} is {state}; results are there once it is FULFILLED.",
        params={"jobId": job_id, "state": state},
        entity_id=job_id,
    )


def expired(job_id: str) -> Refusal:
    """The results were kept for a while and are gone."""
    return Refusal(
        410, "gone", "The results of job {jobId} have expired.", params={"jobId": job_id},
        entity_id=job_id,
    )  # fmt: skip
