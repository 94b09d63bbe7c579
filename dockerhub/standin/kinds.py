"""The kinds of endpoints, as the journal names them, and the two forms of their paths."""

from __future__ import annotations

KINDS = (
    *("namespace_list", "repository", "tag_list", "tag", "tag_images"),
    *("search", "user", "categories", "sign_in"),
    *("registry_base", "registry_catalog", "manifest", "blob", "tag_names"),
    *("registry_token", "cdn"),
)
TOKENS = frozenset({"sign_in", "registry_token"})
"""Those that give out tokens."""
LISTS = frozenset({"namespace_list", "tag_list", "search"})
"""Those that answer pages of rows."""
UNKNOWN = "unknown"
"""The kind of a request that no Docker Hub answers."""
_FORMS = ("namespaces", "repositories")
_WITH_FORMS = KINDS[:5]


def kind_and_form(kind: str, path: str) -> str:
    """Return *kind* with the form of its path before it: ``repositories/tag_list``.

    ``/v2/repositories/`` is the old form of what stands under ``/v2/namespaces/``.
    """
    return f"{path.removeprefix('/v2/').partition('/')[0]}/{kind}"


def check_kind(switch: str, kind: str, *, with_form: bool = False) -> None:
    """Refuse, as a value of *switch*, what is no kind of endpoint.

    *with_form* allows a kind that follows the form of its path, too.

    :raises ValueError: if there is none of that name
    """
    known = [*KINDS]
    if with_form:
        known += [f"{form}/{each}" for form in _FORMS for each in _WITH_FORMS]
    if kind not in known:
        raise ValueError(f"{switch}: expected an endpoint ({' '.join(known)}), got {kind!r}")
