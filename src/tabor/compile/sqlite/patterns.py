"""Patterns of ``like`` and paths into JSON as SQLite takes them: GLOB where case matters, LIKE where it does not."""

from __future__ import annotations

from json import dumps

_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


def glob_pattern(pattern: str) -> str:
    r"""The GLOB pattern that matches what the LIKE pattern does, upper and lower case told apart.

    >>> glob_pattern("50\\%_*")
    '50%?[*]'
    """
    made: list[str] = []
    literally = False
    for letter in pattern:
        if literally:
            made.append(letter if letter in "%_" else _GLOB.get(letter, letter))
            literally = False
        elif letter == "\\":
            literally = True
        else:
            made.append(_GLOB.get(letter, letter))
    # A backslash at the very end has nothing to take literally and stands for itself.
    return "".join(made) + ("\\" if literally else "")


def like_pattern(pattern: str) -> str:
    r"""The pattern with a lone backslash at its end doubled: SQLite would let it match nothing.

    >>> like_pattern("a\\")
    'a\\\\'
    """
    trailing = len(pattern) - len(pattern.rstrip("\\"))
    return pattern + "\\" if trailing % 2 else pattern


def json_path(steps: tuple[str | int, ...]) -> str:
    r"""A path into JSON as SQLite's functions take it.

    >>> json_path(("a", "b c", 0, -1))
    '$."a"."b c"[0][#-1]'
    """
    parts = [dumps(s) if isinstance(s, str) else s for s in steps]
    return "$" + "".join([f".{s}" if isinstance(s, str) else f"[{s}]" if s >= 0 else f"[#{s}]" for s in parts])
