"""Who pulls one and the same image again and again, as Docker's pull usage reports say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.usage import ALL
from dockerhub.words import counted

if TYPE_CHECKING:
    from dockerhub.reports.usage import Period
    from dockerhub.store.questions import Questions


def usage_watchers(questions: Questions, period: Period, most: int = ALL, hours: int = 6) -> Answer:
    """Return who pulls one and the same image again and again, in at least so many *hours*.

    Whoever watches a tag asks by HEAD, a version check, which costs no pull; whoever builds on a
    new machine each time needs a cache.
    """
    fields = (
        Field("user", "Docker ID"),
        Field("token", "name of the access token"),
        Field("machine", "the machine, or those that lines name together"),
        Field("repository", "full name of the repository"),
        Field("tag", "the tag"),
        Field("digest", "what was pulled, always the same", Form.DIGEST),
        Field("hours", "hours in which it was pulled", Form.NUMBER),
        Field("pulls", "pulls", Form.NUMBER),
        Field("version_checks", "version checks in those hours", Form.NUMBER),
    )
    asked = {"since": period.since, "hours": hours, "most": most}
    rows = questions.ask("watchers", asked)
    notes = []
    if rows:
        user, token, machine, repository, tag, _, in_hours, pulls, _ = rows[0]
        by = ", ".join(
            word
            for word in (user, f"token {token}" if token else None, machine)
            if word is not None
        )
        image = repository if tag is None else f"{repository}:{tag}"
        notes.append(
            f"{by or 'somebody'} pulled {image} {counted(pulls, 'time')} in"
            f" {counted(in_hours, 'hour')}, always the same digest: a HEAD of the manifest, which"
            " is no pull, tells whether it has changed"
        )
    return Answer(fields, rows, notes)
