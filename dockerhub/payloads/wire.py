"""What every payload shares: errors that name the place, and lists that survive a bad row."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec

from dockerhub.errors import NameRefused, PayloadError, shown
from dockerhub.moments import read_moment

Row = TypeVar("Row")
Said = TypeVar("Said")

MOST_ROWS = 1000
"""More rows than any page may hold: Hub's maximum of 100 was ignored once (hub-feedback#2343)."""

# A blob beyond a petabyte is none: the sum of a thousand of them is still a number of 64 bits.
Size = Annotated[int, msgspec.Meta(ge=0, le=2**50)]
# A count beyond 64 bits is no count: the row is refused rather than the database broken.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Envelope(msgspec.Struct):
    """A page of a list: `count`, `next` and undecoded `results`.

    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22); search answers ""
    where the other lists answer null.
    """

    results: list[msgspec.Raw]
    # What they say is not worth losing a page for, so they are decoded apart.
    count: msgspec.Raw = msgspec.Raw(b"null")
    next: msgspec.Raw = msgspec.Raw(b"null")


class Listing(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """A decoded page: the good rows, why others were refused, what it says of the whole list."""

    rows: tuple[Row, ...]
    refusals: tuple[str, ...]
    count: int | None
    next: str | None

    def with_refused(self, rows: tuple[Row, ...], refusals: list[str]) -> Listing[Row]:
        """Return the page with only *rows* of it left, the others refused as *refusals* say."""
        return Listing(
            rows=rows, refusals=(*self.refusals, *refusals), count=self.count, next=self.next
        )


def decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Return what *decoder* reads in *body*.

    :raises PayloadError: naming the place in the document, what was expected there and what came
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise PayloadError(_placed(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadError(f"$: expected JSON, got {len(body)} bytes: {error}") from error


def decode_row(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Return what *decoder* reads in *body*, where "" may stand for null.

    Hub writes either, and leaves out, for the same; only what is refused is read again so.

    :raises PayloadError: as `decode`
    """
    try:
        return decode(decoder, body)
    except PayloadError:
        try:
            # Written again and not converted: msgspec.Raw is to be had from JSON alone.
            return decoder.decode(msgspec.json.encode(_without_blanks(msgspec.json.decode(body))))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            pass
        raise


def moment(text: str | None, field: str) -> int | None:
    """Return the moment in the field *field* in microseconds, None if it is not said.

    :raises PayloadError: naming the field
    """
    try:
        return read_moment(text) if text else None
    except (ValueError, OverflowError):
        raise PayloadError(f"$.{field}: expected a moment, got {shown(text)}") from None


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_blanks(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_blanks(one) for one in value]
    return None if value == "" else value


def _placed(message: str) -> str:
    """Return msgspec's message with its place in front."""
    text, _, place = message.partition(" - at `")
    return f"{place.rstrip('`') or '$'}: {text[:1].lower()}{text[1:]}"


class ListReader(Generic[Row]):
    """Reads pages of one kind of row."""

    def __init__(self, row_type: type[Any]) -> None:
        self._page = msgspec.json.Decoder(Envelope)
        self._row = msgspec.json.Decoder(row_type)

    def read(self, body: bytes) -> Listing[Row]:
        """Return the page in *body*; a row that cannot be read is refused, not the page.

        :raises PayloadError: if it is no page: no JSON, no `results`, or far too many rows
        """
        page: Envelope = decode(self._page, body)
        if len(page.results) > MOST_ROWS:
            found = len(page.results)
            raise PayloadError(f"$.results: expected at most {MOST_ROWS} rows, got {found}")
        rows: list[Row] = []
        refusals: list[str] = []
        for position, raw in enumerate(page.results):
            try:
                rows.append(decode_row(self._row, bytes(raw)).row())
            except NameRefused as error:
                refusals.append(f"$.results[{position}]{error.place}: {error}")
            except PayloadError as error:
                refusals.append(str(error).replace("$", f"$.results[{position}]", 1))
        return Listing(
            rows=tuple(rows),
            refusals=tuple(refusals),
            count=_said(page.count, _COUNT),
            next=_said(page.next, _LINK) or None,
        )


_COUNT = msgspec.json.Decoder(Count)
_LINK = msgspec.json.Decoder(str)


def _said(raw: msgspec.Raw, decoder: msgspec.json.Decoder[Said]) -> Said | None:
    """Return what *raw* says, None if it says nothing or nothing that can be."""
    try:
        return decoder.decode(bytes(raw))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
