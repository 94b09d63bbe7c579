"""procrastinate's word to the queue about a job, of which any may be lost or come twice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


class Manager(JobManager):
    """procrastinate's, for a server that may have done what nobody heard of."""

    def __init__(self, connector: Any, register: Callable[[int], None]) -> None:
        """*register* is told the number under which the queue knows a worker that begins."""
        super().__init__(connector)
        self._register = register

    async def register_worker(self) -> int:
        number = await super().register_worker()
        self._register(number)
        return number

    async def finish_job_by_id_async(self, job_id: int, status: Status, delete_job: bool) -> None:
        try:
            await super().finish_job_by_id_async(job_id, status, delete_job)
        except ConnectorException as error:
            _let_pass(error, job_id)

    async def retry_job_by_id_async(self, job_id: int, *args: Any, **named: Any) -> None:
        try:
            await super().retry_job_by_id_async(job_id, *args, **named)
        except UniqueViolation:
            # Another job for the same waits already: this one is over.
            await self.finish_job_by_id_async(job_id, Status.ABORTED, delete_job=False)
        except ConnectorException as error:
            _let_pass(error, job_id)


def _let_pass(error: ConnectorException, job_id: int) -> None:
    """Let pass that a job is not ours any more: it was said before, or it was put back."""
    if getattr(error.__cause__, "sqlstate", None) != "P0001":  # raised by procrastinate's functions
        raise error
    logger.debug("job %d is in other hands", job_id)
