"""What the answers so far tell about the next one: oddities in a row, what is and is not there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dockerhub.endpoints import Endpoint, Kept, endpoint_of, old_form, subject_of
from dockerhub.limits.no import Answer, Asked, Oddity, kind_of_no, oddity_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.kinds import Kind
    from dockerhub.limits.breaker import Way

_MUST_HOLD = {
    Kept.REPOSITORIES: b'"results"',
    Kept.TAGS: b'"results"',
    Kept.SEARCH: b'"results"',
    Kept.REPOSITORY: b'"name"',
    Kept.TAG: b'"name"',
    Kept.IMAGES: b'"layers"',
    Kept.TAG_NAMES: b'"tags"',
}
# One of them may be the very one that is doubted.
_GOOD_URLS_KEPT = 2
_PROBES = 2


class InARow:
    """Counts odd answers that follow each other."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Oddity, Way | Endpoint]] = Counter()

    def note(self, way: Way, endpoint: Endpoint, oddity: Oddity | None, *, is_data: bool) -> int:
        """Take one answer and return how many as odd came in a row, 0 if it is not odd.

        Any other answer shows that no guard stands in the *way*; that an *endpoint* is there is
        shown by data alone.
        """
        places: dict[Oddity, Way | Endpoint] = {
            Oddity.GUARD: way,
            Oddity.SILENCE: way,
            Oddity.EMPTY: endpoint,
        }
        for other, where in places.items():
            if other is not oddity and (other is not Oddity.EMPTY or is_data):
                del self._counts[other, where]
        if oddity is None:
            return 0
        self._counts[oddity, places[oddity]] += 1
        return self._counts[oddity, places[oddity]]


class Evidence:
    """Judges answers by those before them.

    *official* are addresses of repositories that are there for ever: where nothing else is known
    to be there, they tell whether we are answered at all.
    """

    def __init__(self, official: Sequence[str]) -> None:
        self._official = official
        self._in_a_row = InARow()
        self._good_urls: dict[str, str] = {}
        self._answering: set[Endpoint] = set()
        self._removed: set[Endpoint] = set()
        self._heard: set[str] = set()

    def judge(self, answer: Answer, url: str, way: Way, asked: Asked) -> Kind | None:
        """Return why *answer* to what was *asked* holds no data, None if it may be read."""
        endpoint = endpoint_of(url)
        asked = asked._replace(
            must_hold=_MUST_HOLD.get(endpoint.kept, b""),
            has_answered=endpoint in self._answering,
            # Who signs in sees answers first, and lets pass only what no new token would change.
            has_fresh_token=True,
        )
        is_data = kind_of_no(answer, asked) is None
        if is_data:
            self._answering.add(endpoint)
        oddity = oddity_of(answer, asked)
        return kind_of_no(
            answer, asked, self._in_a_row.note(way, endpoint, oddity, is_data=is_data)
        )

    def take_redirect(self, url: str, way: Way) -> None:
        """Take note that *url* was answered by where to go from there: as good as data."""
        self._in_a_row.note(way, endpoint_of(url), None, is_data=True)

    def hear(self, url: str) -> None:
        """Take note that the host of *url* answers."""
        self._heard.add(_host(url))

    def has_heard(self, url: str) -> bool:
        """Tell whether the host of *url* ever answered."""
        return _host(url) in self._heard

    def take_good(self, url: str) -> None:
        """Remember that *url* was answered with data."""
        subject = subject_of(url)
        if subject is not None and url not in self._official:
            self._good_urls.pop(subject, None)
            self._good_urls[subject] = url
            if len(self._good_urls) > _GOOD_URLS_KEPT:
                del self._good_urls[next(iter(self._good_urls))]

    def probe_urls(self, url: str) -> list[str]:
        """Return the addresses of something else than *url* that is there.

        An official repository first: what was seen a moment ago may have gone with it.
        """
        official = next(one for one in self._official if subject_of(one) != subject_of(url))
        others = {subject_of(url), subject_of(official)}
        seen = [one for one in self._good_urls.values() if subject_of(one) not in others]
        return [
            (old_form(one) or one) if self.is_removed(one) else one
            for one in (official, *reversed(seen))
        ][:_PROBES]

    def remove(self, url: str) -> Endpoint | None:
        """Strike the endpoint of *url* and return it, None if that is no news."""
        endpoint = endpoint_of(url)
        is_news = endpoint not in self._removed
        self._removed.add(endpoint)
        return endpoint if is_news else None

    def is_removed(self, url: str) -> bool:
        """Tell whether the endpoint of *url* was struck."""
        return endpoint_of(url) in self._removed


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]
