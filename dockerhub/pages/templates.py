"""Templates of the pages: our own, and Datasette's with the mark that lets their scripts run."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import BaseLoader

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

OWN = ("index.html", "query.html", "chart_notes.html")
# datasette-vega looks for the table that its charts are of, also where there are no rows.
_MORE = {
    "_table.html": '{% if not display_rows %}<table class="rows-and-columns"></table>{% endif %}',
}

# Behind the dashboards' own script, before the charts are drawn.
_SCRIPT = """'dashboards.js') }}"></script>"""
_OURS = '{% include "chart_notes.html" %}'


class Templates(BaseLoader):
    """Our own templates first, then those of *others*; they may lie in a zipped egg.

    Each script that a template brings gets the answer's nonce, in the template's source: what is
    put into the page later, such as a description with a script in it, has none and does not run.
    """

    def __init__(self, others: BaseLoader) -> None:
        self._others = others

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return a template's source.

        :raises TemplateNotFound: if there is none of that name
        """
        if template in OWN:
            source, name, is_current = own_file(f"templates/{template}"), None, None
        else:
            source, name, is_current = self._others.get_source(environment, template)
        source = source.replace(_SCRIPT, _SCRIPT + _OURS)
        source = source.replace("<script", '<script nonce="{{ nonce() }}"')
        return source + _MORE.get(template, ""), name, is_current

    def list_templates(self) -> list[str]:
        """Return the names of all."""
        return sorted({*OWN, *self._others.list_templates()})


def own_file(path: str) -> str:
    """Return a file of this room."""
    place = resources.files("dockerhub.pages")
    for part in path.split("/"):
        place /= part
    return place.read_text(encoding="utf-8")
