"""Bodies that anybody may have pushed: capped, their text mended, taken apart entry by entry."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dockerhub.errors import PayloadError
from dockerhub.payloads.wire import decode

MOST_VALUES = 1_000_000
"""More values than any answer of 16 MiB has; one that is nothing but values would fill memory."""

# A pair of escapes is one sign, and what stands behind an escaped backslash is no escape.
_HALF = rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_ESCAPES = re.compile(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|" + _HALF)
_NO_SIGN = rb"\ufffd"
_NOT_SAID = frozenset({b"", b"null", b'""'})
_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])


def decode_body(decoder: msgspec.json.Decoder[Any], body: bytes, most_bytes: int) -> Any:
    """Return what *decoder* reads in a *body* of at most *most_bytes*.

    :raises PayloadError: naming the place, or what there is too much of
    """
    if len(body) > most_bytes:
        raise PayloadError(f"$: expected at most {most_bytes} bytes, got {len(body)}")
    commas = body.count(b",")
    if commas > MOST_VALUES:
        raise PayloadError(f"$: expected at most {MOST_VALUES} values, got {commas}")
    return decode(decoder, _mended(body))


def decode_at(decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw, place: str) -> Any:
    """Return what *decoder* reads in the part of a body that stands at *place*.

    :raises PayloadError: naming the place in the whole body
    """
    try:
        return decode(decoder, bytes(raw))
    except PayloadError as error:
        raise placed(error, place) from error


def entries(raw: msgspec.Raw, place: str, most: int, noun: str) -> list[msgspec.Raw]:
    """Return the undecoded entries of the list at *place*, none where nothing is said.

    :raises PayloadError: if it is no list, or has more than *most* entries, called *noun*
    """
    if not is_said(raw):
        return []
    found: list[msgspec.Raw] = decode_at(_ENTRIES, raw, place)
    if len(found) > most:
        raise PayloadError(f"{place}: expected at most {most} {noun}, got {len(found)}")
    return found


def is_said(raw: msgspec.Raw) -> bool:
    """Tell whether there is anything: neither absent (with `b""` as default) nor null nor ""."""
    return bytes(raw) not in _NOT_SAID


def placed(error: PayloadError, place: str) -> PayloadError:
    """Return an error about a part, whose place begins with `$`, as one about the whole body."""
    return PayloadError(str(error).replace("$", place, 1))


def kept(text: str | None, most: int) -> str | None:
    """Return *text* as a database holds it: without NUL, at most *most* bytes; None for "".

    Bytes of UTF-8, and no part of a sign: what is looked up must fit into an index of PostgreSQL's.
    """
    if not text:
        return None
    some = text[:most].replace("\0", "\ufffd")
    return some if some.isascii() else some.encode()[:most].decode("utf-8", "ignore")


def fits(text: str, most: int) -> bool:
    """Tell whether *text* has at most *most* bytes, so that nothing is cut off."""
    return len(text) <= most and (text.isascii() or len(text.encode()) <= most)


def _mended(body: bytes) -> bytes:
    """Return *body* with the sign U+FFFD where it is no text, as Docker's own JSON reader does."""
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            body = body.decode("utf-8", "replace").encode()
    if b"\\ud" in body or b"\\uD" in body:
        # Half a pair is as long as what takes its place; a body is not to be copied sign by sign.
        signs = bytearray(body)
        for escape in _ESCAPES.finditer(body):
            if escape.end() - escape.start() == len(_NO_SIGN):
                signs[escape.start() : escape.end()] = _NO_SIGN
        return bytes(signs)
    return body
