"""`scrapy lineage`: what an image is built on, who is built on it, where a layer or digest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.answer_command import AnswerCommand
from dockerhub.reports.lineage import lineage
from dockerhub.reports.lineage_arguments import read_lineage_options
from dockerhub.reports.lineage_dependents import dependents
from dockerhub.reports.lineage_json import dependents_json, lineage_json
from dockerhub.reports.lineage_levels import crawl_of
from dockerhub.reports.lineage_places import images_with_layer, tags_of_digest
from dockerhub.reports.lineage_text import dependents_answer, lineage_answer
from dockerhub.reports.printing import put_json
from dockerhub.reports.stored_images import Stored, fetch_arguments
from dockerhub.store.questions import FIRST_CRAWL, Questions

if TYPE_CHECKING:
    import argparse

    from dockerhub.names import ImageName
    from dockerhub.reports.answers import Answer
    from dockerhub.reports.lineage_arguments import LineageOptions


class Command(AnswerCommand):
    """Exit status: 0 done, 1 not stored, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "lineage"
    ABOUT = "Show what an image is built on, who is built on it, and where a layer or digest is"
    EXAMPLE = "scrapy lineage bitnami/redis:7.4"
    WORDS = (0, 1)
    WORDS_WANTED = "one image, such as nginx:1.27"

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] <image> | --layer sha256:... | --digest sha256:..."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to show."""
        super().add_options(parser)
        add = parser.add_argument
        add("--platform", metavar="OS/ARCH", help="a platform, or all (default linux/amd64)")
        add("--dependents", action="store_true", help="who is built on the image, by pulls")
        add("--count", action="store_true", help="count even very many dependents (seconds)")
        add("--layer", metavar="DIGEST", help="every image that holds this layer")
        add("--digest", metavar="DIGEST", help="all tags of an index, manifest or config")
        add("--limit", metavar="N", default="100", help="rows or tags at most (default 100)")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Answer the one question that is asked."""
        asked = read_lineage_options(args, vars(opts))
        with Questions(url, "lineage_reading", _crawl(asked)) as questions:
            if asked.layer is not None:
                self.put(images_with_layer(questions, asked.layer, limit=asked.limit), opts)
            elif asked.digest is not None:
                self.put(tags_of_digest(questions, asked.digest, limit=asked.limit), opts)
            elif asked.image is not None:
                with Stored(url) as stored:
                    answer, as_json = _image_answer(questions, stored, asked.image, asked)
                if opts.json:
                    put_json(as_json)
                else:
                    self.put(answer, opts)


def _crawl(asked: LineageOptions) -> str:
    """Return what brings an answer where there is no database yet."""
    if asked.image is None:
        return f"{FIRST_CRAWL} -a depth=layers"
    return crawl_of(fetch_arguments(asked.image, asked.platform))


def _image_answer(
    questions: Questions, stored: Stored, image: ImageName, asked: LineageOptions
) -> tuple[Answer, dict[str, Any]]:
    about: dict[str, Any] = {"platform": asked.platform, "limit": asked.limit}
    if asked.wants_dependents:
        above = dependents(questions, stored, image, counts_all=asked.counts_all, **about)
        return dependents_answer(above), dependents_json(above)
    found = lineage(questions, stored, image, **about)
    return lineage_answer(found), lineage_json(found)
