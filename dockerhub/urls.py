"""The addresses of Docker Hub's own API: built here, read here, nowhere else."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from dockerhub.endpoints import Form, Kept
from dockerhub.errors import ArgumentError
from dockerhub.redact import shown_url

if TYPE_CHECKING:
    from dockerhub.names import RepositoryName

PUBLIC_HUB = "https://hub.docker.com"

# The alias answers the same, and its `next` links then name the alias (recorded 2023 and 2025).
_HOST = re.compile(r"[a-z0-9.:-]{1,255}", re.ASCII)  # a name or an address, as urlsplit gives it
_HUB_HOSTS = frozenset({"hub.docker.com", "registry.hub.docker.com"})


class HubUrls:
    """Builds the URLs of one Docker Hub; *origin* is scheme, host and port without a path."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._old: set[Kept] = set()

    def use_old_form(self, kept: Kept) -> bool:
        """Ask for *kept* in the old form of paths from now on; False if that is done already."""
        is_news = kept not in self._old
        self._old.add(kept)
        return is_news

    def namespace_list(self, namespace: str, page: int, page_size: int, ordering: str = "") -> str:
        """Return one page of a namespace's repositories, oldest registration first by default."""
        path = self._namespace(namespace, Kept.REPOSITORIES)
        return self._page(path, page, page_size, ordering=ordering)

    def repository(self, repository: RepositoryName, kept: Kept = Kept.REPOSITORY) -> str:
        """Return a repository's detail, or the beginning of what lies below it."""
        return f"{self._namespace(repository.namespace, kept)}/{quote(repository.name)}"

    def tag_list(
        self,
        repository: RepositoryName,
        page: int,
        page_size: int,
        *,
        containing: str = "",
        ordering: str = "last_updated",
    ) -> str:
        """Return one page of a repository's tags, newest first by default.

        *containing* keeps the tags whose name holds that text; empty keeps all.
        """
        path = f"{self.repository(repository, Kept.TAGS)}/tags"
        return self._page(path, page, page_size, ordering=ordering, name=containing)

    def tag(self, repository: RepositoryName, tag: str) -> str:
        """Return a single tag's detail."""
        return f"{self.repository(repository, Kept.TAG)}/tags/{quote(tag)}"

    def tag_images(self, repository: RepositoryName, tag: str) -> str:
        """Return what a tag's images are made of, build step by build step."""
        return f"{self.repository(repository, Kept.IMAGES)}/tags/{quote(tag)}/images"

    def search(self, query: str, page: int, page_size: int) -> str:
        """Return one page of the hits of a search."""
        return self._page(f"{self.origin}/v2/search/repositories/", page, page_size, query=query)

    def token(self) -> str:
        """Return where a bearer token is made."""
        return f"{self.origin}/v2/auth/token"

    def login(self) -> str:
        """Return the deprecated sign-in, for where `token` is gone."""
        return f"{self.origin}/v2/users/login"

    def _namespace(self, namespace: str, kept: Kept) -> str:
        if kept in self._old:
            return f"{self.origin}/v2/{Form.REPOSITORIES}/{quote(namespace)}"
        return f"{self.origin}/v2/{Form.NAMESPACES}/{quote(namespace)}/repositories"

    def _page(self, path: str, page: int, page_size: int, **more: str) -> str:
        said = {name: word for name, word in more.items() if word}
        return f"{path}?{urlencode({'page': page, 'page_size': page_size, **said})}"


def unreachable(origin: str) -> str:
    """Return the message for a service to which no connection can be made."""
    hint = " (offline? try: scrapy demo)" if origin == PUBLIC_HUB else ""
    return f"{origin}: expected an answer, it cannot be reached{hint}"


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL that we have made."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def is_trusted_next(link: str, origin: str, page: int) -> bool:
    """Tell whether *link*, a list's `next`, goes forward from *page* on the same Docker Hub.

    The link itself is never requested: its page is asked for at our own origin.
    """
    try:
        parts = urlsplit(link)
        following = int(parse_qs(parts.query).get("page", [""])[0])
    except ValueError:
        return False
    same = f"{parts.scheme}://{parts.netloc}" == origin
    return (same or parts.netloc in _HUB_HOSTS) and following > page


def read_origin(place: str, text: str) -> str:
    """Return *text* as an origin: https anywhere, http on loopback only, no path.

    :raises ArgumentError: naming *place*, if it is anything else
    """
    expected = "an origin such as https://hub.docker.com (http only for loopback hosts, no path)"
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        port = parts.port
    except ValueError:
        raise ArgumentError(place, expected, "no URL") from None
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if not (plain and secure and parts.hostname and _HOST.fullmatch(parts.hostname)):
        raise ArgumentError(place, expected, shown_url(text.strip()))
    return f"{parts.scheme}://{_host(parts.hostname)}" + (f":{port}" if port else "")


def is_loopback_url(url: str) -> bool:
    """Tell whether *url* leads to this machine over http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(parts.hostname)


def is_loopback(host: str | None) -> bool:
    """Tell whether *host* is this machine by its name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _host(hostname: str) -> str:
    return f"[{hostname}]" if ":" in hostname else hostname
