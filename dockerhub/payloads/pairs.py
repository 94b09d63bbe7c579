"""Names with their values: annotations and labels."""

from __future__ import annotations

import msgspec

from dockerhub.payloads.bodies import decode_at, fits, is_said

MOST_NAME = 1024
"""Bytes; a longer name is left out, for what is cut would be another name."""

# What decides how an image is read is not to be crowded out by other names.
_KEPT_FIRST = ("in-toto.io/", "org.opencontainers.", "vnd.docker.")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


def read_pairs(
    raw: msgspec.Raw, place: str, most: int, most_signs: int
) -> tuple[tuple[str, str], ...]:
    """Return the names and values of the object at *place*, sorted, none where it is not said.

    At most *most* are kept, and of each value *most_signs*. A value that is no text is kept as its
    JSON, null as "".

    :raises PayloadError: if it is no object
    """
    if not is_said(raw):
        return ()
    said: dict[str, msgspec.Raw] = decode_at(_OBJECT, raw, place)
    names = sorted(name for name in said if name and fits(name, MOST_NAME))
    if len(names) > most:
        names = sorted(names, key=lambda name: not name.startswith(_KEPT_FIRST))[:most]
    # Two names may become one without NUL.
    found = {_without_nul(name): _text(said[name], most_signs) for name in names}
    return tuple(sorted(found.items()))


def _text(raw: msgspec.Raw, most_signs: int) -> str:
    value = bytes(raw)
    if value == b"null":
        return ""
    try:
        text = _TEXT.decode(value)
    except msgspec.ValidationError:
        text = value.decode("utf-8", "replace")
    return _without_nul(text[:most_signs])


def _without_nul(text: str) -> str:
    return text.replace("\0", "\ufffd")
