"""Text, patterns over text, and bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import cast

from tabor.datatypes.base import DataType, check_length, refuse_type
from tabor.errors import InvalidValue

# A pragmatic shape of an address: RFC 5321 length limits, one @, a dotted domain, no spaces or control characters.
_BARRED = r"\s@<>()\[\],;:\\\"\x00-\x1f\x7f"
_EMAIL = re.compile(rf"(?=.{{3,254}}\Z)[^{_BARRED}]{{1,64}}@[^{_BARRED}_]+\.[^{_BARRED}_.]+\Z")
# An address on the web (RFC 3986, kept to http and https): a host, perhaps a port, and no user name before it, which
# serves to mislead people about the host.
URL = (
    r"https?://(?:[^\s/?#@:\[\]<>\"\\^`{|}\x00-\x1f\x7f]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][^\s<>\"\\^`{|}\x00-\x1f\x7f]*)?"
)
URL_LENGTH = 2_048
_URL = re.compile(rf"(?=.{{1,{URL_LENGTH}}}\Z){URL}\Z", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Control characters except tab, line feed and carriage return; and what opens a tag or an entity in HTML.
_MARKUP = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|<[a-zA-Z/!?]|&#?[a-zA-Z0-9]+;")


@dataclass(frozen=True, slots=True)
class Text(DataType):
    """Unicode text, lengths counted in characters (code points).

    ``plain_text`` refuses markup and control characters; ``email`` demands the shape of an address, ``url`` that of
    an address on the web.
    """

    max_length: int | None = None
    min_length: int = 0
    plain_text: bool = False
    email: bool = False
    url: bool = False

    @property
    def formed(self) -> bool:
        """Whether the text has to have a form, beyond its length."""
        return self.plain_text or self.email or self.url

    @property
    def label(self) -> str:
        return "text"

    @property
    def bare(self) -> DataType:
        return Text()

    def check(self, value: object) -> str:
        if not isinstance(value, str) or isinstance(value, Enum):
            raise refuse_type(self.label, value)
        if _UNSTORABLE.search(value):
            raise InvalidValue("text may not contain NUL or lone surrogates", code="bad_character", value=value)
        check_length(len(value), self.min_length, self.max_length, "characters", value)
        if self.plain_text and _MARKUP.search(value):
            raise InvalidValue("markup and control characters are not allowed here", code="not_plain", value=value)
        if self.email and not _EMAIL.match(value):
            raise InvalidValue(f"{value[:80]!r} is not an e-mail address", code="not_an_email", value=value)
        if self.url and not _URL.match(value):
            raise InvalidValue(f"{value[:80]!r} is not an http or https address", code="not_a_url", value=value)
        # Not str(value): a text of a class of its own may show itself as another one.
        return str.__str__(value)


@dataclass(frozen=True, slots=True)
class Pattern(DataType):
    """A pattern of ``like``: ``%`` stands for any text, ``_`` for one character, a backslash takes either literally.

    ``ignore_case`` is for ``ilike``; a database may spell the two kinds of pattern differently.
    """

    ignore_case: bool = False

    @property
    def key(self) -> str:
        return f"Pattern{int(self.ignore_case)}"

    @property
    def label(self) -> str:
        return "a pattern"

    def check(self, value: object) -> str:
        return Text().check(value)


@dataclass(frozen=True, slots=True)
class Bytes(DataType):
    """Binary data, lengths counted in bytes."""

    max_length: int | None = None
    min_length: int = 0

    @property
    def label(self) -> str:
        return "bytes"

    @property
    def bare(self) -> DataType:
        return Bytes()

    def check(self, value: object) -> bytes:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise refuse_type(self.label, value)
        data = bytes(cast("bytes", value))
        check_length(len(data), self.min_length, self.max_length, "bytes", data)
        return data
