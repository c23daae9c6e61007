"""The texts within parameters: lists with commas, quotes, and the groups of ``or=(...)``.

Only the form is looked at here; names and values mean nothing yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MAX_DEPTH = 8
"""How deep groups may nest."""

_GROUPS: dict[str, tuple[Literal["and", "or"], bool]] = {
    "or(": ("or", False),
    "and(": ("and", False),
    "not.or(": ("or", True),
    "not.and(": ("and", True),
}


class NotUnderstood(Exception):
    """A text does not have the form that its place needs; ``reason`` is the sentence part that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Group:
    """``or(...)`` or ``and(...)``: what it holds are texts such as ``status.eq.draft``, or groups in turn."""

    kind: Literal["and", "or"]
    negated: bool
    items: Sequence[str | Group]


def split_list(text: str) -> list[str]:
    r"""The parts between commas; double quotes take in commas, and ``\\`` takes the next character literally.

    Raises ``NotUnderstood`` for a quote that is not closed.

    >>> split_list('a,"b,c"')
    ['a', 'b,c']
    """
    return [unquoted(part) for part in _parts(text, parentheses=False)]


def unquoted(text: str) -> str:
    """The text without the double quotes around it, if there are any."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    out: list[str] = []
    literal = False
    for character in text[1:-1]:
        if character == "\\" and not literal:
            literal = True
        else:
            out.append(character)
            literal = False
    return "".join(out)


def parse_group(text: str, kind: Literal["and", "or"] = "or", *, negated: bool = False, depth: int = 1) -> Group:
    """The group in ``(a,b)``.

    Raises ``NotUnderstood`` for parentheses or quotes that do not close, for an empty part, and beyond ``MAX_DEPTH``.

    >>> parse_group("(status.eq.draft,and(a.gt.1,a.lt.9))").items[0]
    'status.eq.draft'
    """
    if depth > MAX_DEPTH:
        raise NotUnderstood(f"groups may nest {MAX_DEPTH} deep at most")
    if len(text) < 2 or text[0] != "(" or text[-1] != ")":
        raise NotUnderstood("a group stands in parentheses, such as (status.eq.draft,capacity.gt.10)")
    items: list[str | Group] = []
    for part in _parts(text[1:-1]):
        if not part:
            raise NotUnderstood("a part of the group is empty")
        opening = part[: part.find("(") + 1]
        if opening in _GROUPS:
            inner, inverted = _GROUPS[opening]
            items.append(parse_group(part[len(opening) - 1 :], inner, negated=inverted, depth=depth + 1))
        else:
            items.append(part)
    return Group(kind, negated, tuple(items))


def split_fields(text: str) -> list[str]:
    """``title,creator(name,email)`` as ``title``, ``creator.name``, ``creator.email``.

    Raises ``NotUnderstood`` for parentheses that do not close and for an empty part.
    """
    return _fields(text, 1)


def _fields(text: str, depth: int) -> list[str]:
    if depth > MAX_DEPTH:
        raise NotUnderstood(f"parentheses may nest {MAX_DEPTH} deep at most")
    found: list[str] = []
    for part in _parts(text):
        name, parenthesis, inner = part.partition("(")
        if not name or (parenthesis and not inner.endswith(")")):
            raise NotUnderstood("names are separated by commas, such as title,creator(name,email)")
        found += [f"{name}.{each}" for each in _fields(inner[:-1], depth + 1)] if parenthesis else [name]
    return found


def _parts(text: str, *, parentheses: bool = True) -> list[str]:
    """The text cut at its commas, except those within quotes and, where these count, within parentheses."""
    parts = [""]
    depth, quoted, literal = 0, False, False
    for character in text:
        if literal:
            literal = False
        elif quoted:
            literal, quoted = character == "\\", character != '"'
        elif character == '"' and (not parts[-1] or parts[-1][-1] in ".(,"):
            quoted = True
        elif parentheses and character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            parts.append("")
            continue
        if depth < 0:
            break
        parts[-1] += character
    if depth or quoted:
        raise NotUnderstood("a quote or parenthesis is not closed, or closed without being opened")
    return parts
