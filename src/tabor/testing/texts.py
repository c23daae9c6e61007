"""Makes text that fits: within its lengths, in its form, and another in each row."""

from __future__ import annotations

import string

from tabor.datatypes import Text
from tabor.datatypes.text import URL_LENGTH
from tabor.testing.draw import Draw

_DIGITS = string.digits + string.ascii_lowercase
_LOCAL_PART = 64
_ADDRESS = 254
_SHORT = 8


def text(datatype: Text, draw: Draw) -> str:
    """Text such as ``title 7`` for the column ``title`` of the seventh row; raises ``NoValidRow`` where none fits."""
    most = datatype.max_length
    if most is not None and datatype.min_length > most:
        raise draw.refused(f"it needs {datatype.min_length} characters and takes {most}")
    if datatype.email:
        return _email(datatype.min_length, _ADDRESS if most is None else min(most, _ADDRESS), draw)
    if datatype.url:
        return _url(datatype.min_length, URL_LENGTH if most is None else min(most, URL_LENGTH), draw)
    if most is not None and most < _SHORT:
        return _short(max(datatype.min_length, min(most, 1)), most, draw)
    number = str(draw.number)
    head = f"{draw.word} " if most is None else f"{draw.word} "[: most - len(number)]
    return _padded(head, number, datatype.min_length)


def _padded(head: str, number: str, least: int) -> str:
    return f"{head}{'-' * (least - len(head) - len(number))}{number}"


def _short(least: int, most: int, draw: Draw) -> str:
    """Text where a word and a number would not fit: the number alone, in the fewest characters."""
    digits, rest = "", draw.number
    while rest:
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    if len(digits) > most:
        if draw.unique:
            raise draw.refused(f"its values differ from row to row, and no more fit into {most} characters")
        digits = digits[len(digits) - most :]
    return digits.rjust(least, "0")


def _email(least: int, most: int, draw: Draw) -> str:
    for local, domain in ((f"{draw.word[:20]}{draw.number}", "example.org"), (str(draw.number), "a.io")):
        size = len(local) + 1 + len(domain)
        if size <= most:
            missing = max(0, least - size)
            before = min(missing, _LOCAL_PART - len(local))
            return f"{'x' * before}{local}@{'x' * (missing - before)}{domain}"
    raise draw.refused(f"no e-mail address fits into {most} characters, or none that is left")


def _url(least: int, most: int, draw: Draw) -> str:
    for start in (f"https://example.org/{draw.word[:40]}/", "http://a/"):
        address = _padded(start, str(draw.number), least)
        if len(address) <= most:
            return address
    raise draw.refused(f"no address on the web fits into {most} characters, or none that is left")
