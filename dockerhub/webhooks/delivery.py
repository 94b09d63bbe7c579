"""Tells a receiver what changed: oldest first, each event until it is confirmed, then the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.changes import change_body, change_id
from dockerhub.moments import now
from dockerhub.store.webhooks import WebhookMark
from dockerhub.webhooks.sender import Sender, WebhookError

if TYPE_CHECKING:
    from dockerhub.change_filter import ChangeFilter
    from dockerhub.webhooks.target import Target


class Delivery:
    """Posts what a receiver has not confirmed yet.

    *since* counts at the first use of a receiver with this filter, None: ever; from then on its
    mark does.
    *most* is how many are posted in this run, None: all. *agent* is the User-Agent.
    """

    def __init__(
        self,
        target: Target,
        wanted: ChangeFilter,
        since: int | None = None,
        most: int | None = None,
        *,
        agent: str,
    ) -> None:
        self._target = target
        self._wanted = wanted
        self._since = since
        self._agent = agent
        self._most = most
        self.count = 0
        """events that were confirmed in this run"""

    async def run(self, url: str) -> None:
        """Post what the database at *url* holds.

        :raises WebhookError: if an event is not confirmed, or another run posts there; what was
            confirmed is remembered, and the next run goes on
        :raises StoreError: if the database cannot be used
        """
        fingerprint = self._target.fingerprint(self._wanted.key)
        with WebhookMark(url, fingerprint, self._wanted) as mark:
            if not mark.claim():
                expected = "no other run that posts there"
                raise WebhookError(f"webhook {self._target.origin}: expected {expected}, got one")
            mark.begin(self._since or 0, now())
            async with Sender(self._target, self._agent) as sender:
                await self._post_all(mark, sender)

    async def _post_all(self, mark: WebhookMark, sender: Sender) -> None:
        for change in mark.waiting():
            await sender.post(change_id(change), change_body(change))
            mark.confirm(change, now())
            self.count += 1
            if self.count == self._most:
                return
