"""Paths into JSON as PostgreSQL takes them: ``jsonpath``, strict, so that only a list has indexes."""

from __future__ import annotations

from json import dumps


def json_path(steps: tuple[str | int, ...]) -> str:
    r"""A path into JSON.

    >>> json_path(("a", "b c", 0, -1))
    'strict $."a"."b c"[0][last]'
    """
    return "strict $" + "".join([f".{dumps(s)}" if isinstance(s, str) else f"[{_index(s)}]" for s in steps])


def _index(number: int) -> str:
    return str(number) if number >= 0 else "last" if number == -1 else f"last - {-number - 1}"
