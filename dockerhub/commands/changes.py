"""`scrapy changes`: what changed while we looked: a table, JSON, a feed, posts to a webhook."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerhub.answer_command import LIMIT, OF_REPO, SINCE, AnswerCommand
from dockerhub.changes import KINDS
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.moments import now
from dockerhub.reports import changes as report
from dockerhub.reports import changes_feed as feeds
from dockerhub.reports.output_names import STANDARD_OUTPUT, check_target
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.webhooks.target import read_target, user_agent

if TYPE_CHECKING:
    import argparse


class Command(AnswerCommand):
    """Exit status: 0 done, 1 no answer yet or not written or posted, 2 wrong arguments."""

    NAME = "changes"
    ABOUT = "Print what changed while we looked, or write a feed of it, or post it to a webhook"
    EXAMPLE = "scrapy changes --since 7d --repo 'nginx,bitnami/*' --kind tag_moved,tag_deleted"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add which changes, and where they go."""
        super().add_options(parser)
        add = parser.add_argument
        add("--since", metavar="WHEN", help=f"{SINCE} (default 7d; in a feed all)")
        add("--repo", metavar="GLOB,...", help=f"{OF_REPO}; several with commas")
        add("--kind", metavar="KIND,...", help=f"only {', '.join(KINDS)}; several with commas")
        add("--limit", metavar="N", help=f"{LIMIT} (default 1000; in a feed 500)")
        add("--feed", metavar="FILE", help="write an Atom feed; - is standard output")
        about = "post each change once to this https:// URL, or to that in the variable env:NAME"
        add("--webhook", metavar="URL", help=about)
        about = "the webhook may be on this machine or in a private network, and http"
        add("--allow-private", action="store_true", help=about)

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Print, write or post what changed."""
        _check_together(opts)
        # A feed shows the newest of all times: its bytes then depend on the database alone.
        usual = None if opts.feed is not None else report.DEFAULT_SINCE
        since = usual if opts.since is None else opts.since
        asked = report.read_asked(opts.repo, opts.kind, since, opts.limit, present=now())
        if opts.webhook is not None:
            self._post(opts, url, asked)
        elif opts.feed is not None:
            where = None if opts.feed == STANDARD_OUTPUT else Path(opts.feed)
            if where is not None:
                check_target(feeds.OPTION, where, database_place(url).path, replace=True)
            with Questions(url, report.SQL, report.first_crawl(asked.wanted)) as questions:
                feeds.put_feed(feeds.changes_feed(questions, asked), where)
        else:
            with Questions(url, report.SQL, report.first_crawl(asked.wanted)) as questions:
                found = report.changes_answer(questions, asked)
            if found.rows or opts.json:
                self.put(found, opts)
            else:
                say(self.NAME, found.notes[0])

    def _post(self, opts: argparse.Namespace, url: str, asked: report.ChangesAsked) -> None:
        from dockerhub.webhooks import delivery  # noqa: PLC0415  (Scrapy imports every command)

        target = read_target(opts.webhook, os.environ, allow_private=opts.allow_private)
        with Questions(url, report.SQL, report.first_crawl(asked.wanted)) as questions:
            report.require_second_look(questions, asked.wanted)
        settings: Any = self.settings
        agent = user_agent(settings["DOCKERHUB_USER_AGENT_CONTACT"])
        posting = delivery.Delivery(target, *asked, agent=agent)
        try:
            asyncio.run(posting.run(url))
        finally:
            events = "event" if posting.count == 1 else "events"
            say(self.NAME, f"{posting.count} {events} posted to {target.origin}")


def _check_together(opts: argparse.Namespace) -> None:
    places = (("--json", opts.json), ("--feed", opts.feed), ("--webhook", opts.webhook))
    given = [place for place, value in places if value not in (None, False)]
    if len(given) > 1:
        raise ArgumentError(given[0], "it alone", f"{given[1]} beside it")
    if opts.allow_private and opts.webhook is None:
        raise ArgumentError("--allow-private", "--webhook beside it", "none")
