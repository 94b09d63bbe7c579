"""A registry, its token service, its storage and a Hub, which answer as the real ones do."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from scrapy import Request
from scrapy.http import Response

from dockerhub.endpoints import Kept, endpoint_of, subject_of
from dockerhub.meta import REPOSITORY
from dockerhub.names import RepositoryName
from dockerhub.services import RegistryUrls
from tests.middlewares.exchanges import HUB

if TYPE_CHECKING:
    from tests.clock import Clock

REGISTRY, AUTH, CDN = "https://registry.example", "https://auth.example", "https://cdn.example"
URLS = RegistryUrls(REGISTRY)
REDIS, NGINX = RepositoryName("bitnami", "redis"), RepositoryName("bitnami", "nginx")
SERVICE = "registry.example"
REALM = f'Bearer realm="{AUTH}/token",service="{SERVICE}"'
BASIC = "Basic YWRhOnNlY3JldA=="
SECRET = "s1gned"
PREVIEW = "ratelimitpreview/test"

MANIFEST = b'{"schemaVersion":2}'
CONFIG = b'{"architecture":"amd64"}'
SPENT = (
    b'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}'
)


def manifest(repository: RepositoryName = REDIS, n: int = 0, **more: Any) -> Request:
    """Return the request for one of a repository's manifests."""
    return _request(URLS.manifest(repository, bytes([n]) * 32), repository, n, more)


def blob(repository: RepositoryName = REDIS, n: int = 0, **more: Any) -> Request:
    """Return the request for one of a repository's blobs."""
    return _request(URLS.blob(repository, bytes([n]) * 32), repository, n, more)


def names(repository: RepositoryName = REDIS, n: int = 0, **more: Any) -> Request:
    """Return the request for the names of a repository's tags."""
    return _request(URLS.tag_names(repository), repository, n, more)


def repositories(count: int) -> list[RepositoryName]:
    return [RepositoryName("bitnami", f"r{number}") for number in range(count)]


def _request(url: str, repository: RepositoryName, n: int, more: dict[str, Any]) -> Request:
    meta = {REPOSITORY: str(repository), **more.pop("meta", {})}
    return Request(url, meta=meta, cb_kwargs={"n": n}, dont_filter=True, **more)


_OF_HUB = {"sign_in": {"access_token": "hub-token"}, "hub": {"name": "x", "results": []}}


class Asked(NamedTuple):
    """One request as it came."""

    kind: str
    url: str
    authorization: str | None
    accept: str | None = None


class Registry:
    """Answers requests by their kind, or with what it was told to answer in turn."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[Asked] = []
        self.challenge = REALM
        self.is_open = False
        self.life: int | None = 300
        self.hidden: set[str] = set()
        """repositories that no token grants"""
        self.limit: int | None = None
        self.pulled = 0
        self._instead: defaultdict[str, list[Any]] = defaultdict(list)
        self._always: dict[str, Any] = {}
        self._tokens: dict[str, tuple[set[str], float]] = {}

    def say(self, kind: str, *answers: Response | Exception) -> None:
        """Give *answers* one after the other to the next requests of a kind."""
        self._instead[kind] += answers

    def always(self, kind: str, answer: Response | Exception | None) -> None:
        """Give *answer* to every request of a kind; None: as it should be."""
        self._always[kind] = answer

    def revoke(self) -> None:
        """Take none of the tokens any more that were given so far."""
        self._tokens.clear()

    def of(self, kind: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.kind == kind]

    def count(self, kind: str) -> int:
        return len(self.of(kind))

    @property
    def scopes(self) -> list[list[str]]:
        """The repositories in each request for a token."""
        queries = [parse_qs(urlsplit(asked.url).query) for asked in self.of("token")]
        return [[scope.split(":")[1] for scope in query["scope"]] for query in queries]

    def __call__(self, request: Request) -> Response | Exception:
        kind = _kind(request)
        said = [request.headers.get(name) for name in ("Authorization", "Accept")]
        self.asked.append(Asked(kind, request.url, *[text and text.decode() for text in said]))
        answer = self._always.get(kind)
        if self._instead[kind]:
            answer = self._instead[kind].pop(0)
        return answer if answer is not None else self._answer(kind, request)

    def _answer(self, kind: str, request: Request) -> Response:
        if kind == "token":
            return self._token(request)
        if kind == "base":
            return json_of({}) if self.is_open else refusal(self.challenge)
        if kind == "cdn":
            return Response(request.url, 400 if self.asked[-1].authorization else 200, body=CONFIG)
        if kind in _OF_HUB:
            return json_of(_OF_HUB[kind])
        why = self._why_refused(request)
        if why is not None:
            scope = f'scope="repository:{subject_of(request.url)}:pull"'
            return refusal(f'{self.challenge},{scope},error="{why}"')
        return self._content(kind)

    def _token(self, request: Request) -> Response:
        text = f"t{self.count('token')}"
        granted = set(self.scopes[-1]) - self.hidden
        self._tokens[text] = granted, self.clock.now + (self.life or 60)
        said = {"token": text} | ({"expires_in": self.life} if self.life else {})
        return json_of(said)

    def _why_refused(self, request: Request) -> str | None:
        text = (self.asked[-1].authorization or "").removeprefix("Bearer ")
        granted, ends_at = self._tokens.get(text, (set(), 0.0))
        if self.is_open:
            return None
        if self.clock.now >= ends_at:
            return "invalid_token"
        return None if subject_of(request.url) in granted else "insufficient_scope"

    def _content(self, kind: str) -> Response:
        if kind == "names":
            return json_of({"name": "a/b", "tags": ["1"]})
        if kind == "blob":
            url = f"{CDN}/blobs/{self.count('blob')}?verify={SECRET}"
            return Response(URLS.base(), 307, headers={"Location": url})
        self.pulled += kind == "manifest"
        return Response(
            URLS.base(), headers=self.headers(), body=b"" if kind == "head" else MANIFEST
        )

    def headers(self) -> dict[str, str]:
        """Return what is said of the limit."""
        if self.limit is None:
            return {}
        left = self.limit - self.pulled
        return {"RateLimit-Limit": f"{self.limit};w=3600", "RateLimit-Remaining": f"{left};w=3600"}


def json_of(content: object, status: int = 200) -> Response:
    return Response(HUB, status, body=json.dumps(content).encode())


def refusal(challenge: str | None, status: int = 401) -> Response:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return Response(HUB, status, headers=headers, body=b'{"errors":[{"code":"UNAUTHORIZED"}]}')


def said(status: int, body: bytes = b"{}", **headers: str) -> Response:
    """Return an answer; an underscore in a header's name is a hyphen."""
    named: dict[Any, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(HUB, status, headers=named, body=body)


def _kind(request: Request) -> str:
    if request.url.startswith(f"{AUTH}/"):
        return "token"
    if request.url.startswith(f"{HUB}/"):
        return "sign_in" if request.method == "POST" else "hub"
    if not request.url.startswith(f"{REGISTRY}/"):
        return "cdn"
    kinds = {Kept.MANIFEST: "manifest", Kept.BLOB: "blob", Kept.TAG_NAMES: "names"}
    kind = kinds.get(endpoint_of(request.url).kept, "base")
    return "head" if request.method == "HEAD" else kind
