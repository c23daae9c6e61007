"""What texts can do: the methods of expressions that search them, change them and take them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, overload

from tabor.expression import arithmetic, cutting, lists, patterns
from tabor.expression.kinds import ILIKE, INTEGER, TEXT, WHITESPACE
from tabor.expression.operand import Operand, text_node
from tabor.tree.nodes import Value

T_co = TypeVar("T_co", covariant=True)
Condition_co = TypeVar("Condition_co", covariant=True)
Text_co = TypeVar("Text_co", covariant=True)
TextOrNone_co = TypeVar("TextOrNone_co", covariant=True)
Whole_co = TypeVar("Whole_co", covariant=True)
WholeOrNone_co = TypeVar("WholeOrNone_co", covariant=True)


class TextMethods(Operand[T_co], Generic[T_co, Condition_co, Text_co, TextOrNone_co, Whole_co, WholeOrNone_co]):
    """What texts can do.  Upper and lower case is that of the letters A to Z, on every database.

    The types beside ``T_co`` are those of the expressions that come out: of a condition, of texts and of whole numbers.
    """

    __slots__ = ()

    def like(self: Operand[str | None], pattern: str | Operand[str | None]) -> Condition_co:
        """True where the text fits ``pattern``: ``%`` any text, ``_`` one character, backslash escapes."""
        condition: Condition_co = self._expression(patterns.like(self.node, pattern))
        return condition

    def ilike(self: Operand[str | None], pattern: str | Operand[str | None]) -> Condition_co:
        """Like ``like``, ignoring the case of the letters A to Z."""
        condition: Condition_co = self._expression(patterns.like(self.node, pattern, ILIKE))
        return condition

    def contains(self: Operand[str | None], text: str | Operand[str | None]) -> Condition_co:
        """True where ``text`` stands somewhere in the value, upper and lower case told apart."""
        condition: Condition_co = self._expression(patterns.contains(self.node, text))
        return condition

    def icontains(self: Operand[str | None], text: str | Operand[str | None]) -> Condition_co:
        """Like ``contains``, ignoring the case of the letters A to Z."""
        condition: Condition_co = self._expression(patterns.icontains(self.node, text))
        return condition

    def starts_with(self: Operand[str | None], text: str | Operand[str | None]) -> Condition_co:
        """True where the value begins with ``text``, upper and lower case told apart."""
        condition: Condition_co = self._expression(patterns.at_end("starts_with", self.node, text))
        return condition

    def ends_with(self: Operand[str | None], text: str | Operand[str | None]) -> Condition_co:
        """True where the value ends with ``text``, upper and lower case told apart."""
        condition: Condition_co = self._expression(patterns.at_end("ends_with", self.node, text))
        return condition

    @overload
    def lower(self: Operand[str]) -> Text_co: ...
    @overload
    def lower(self: Operand[str | None]) -> TextOrNone_co: ...
    def lower(self: Operand[str | None]) -> object:
        """The text with the letters A to Z in lower case."""
        return self._expression(arithmetic.made("lower", (text_node(self.node, "lower"),), TEXT))

    @overload
    def upper(self: Operand[str]) -> Text_co: ...
    @overload
    def upper(self: Operand[str | None]) -> TextOrNone_co: ...
    def upper(self: Operand[str | None]) -> object:
        """The text with the letters A to Z in upper case."""
        return self._expression(arithmetic.made("upper", (text_node(self.node, "upper"),), TEXT))

    @overload
    def strip(self: Operand[str], characters: str = WHITESPACE) -> Text_co: ...
    @overload
    def strip(self: Operand[str | None], characters: str = WHITESPACE) -> TextOrNone_co: ...
    def strip(self: Operand[str | None], characters: str = WHITESPACE) -> object:
        """The text without any of ``characters`` (spaces, tabs and line ends) at either end."""
        return self._expression(
            arithmetic.made("strip", (text_node(self.node, "strip"), Value(TEXT, characters)), TEXT)
        )

    @overload
    def lstrip(self: Operand[str], characters: str = WHITESPACE) -> Text_co: ...
    @overload
    def lstrip(self: Operand[str | None], characters: str = WHITESPACE) -> TextOrNone_co: ...
    def lstrip(self: Operand[str | None], characters: str = WHITESPACE) -> object:
        """The text without any of ``characters`` (spaces, tabs and line ends) at its beginning."""
        return self._expression(
            arithmetic.made("lstrip", (text_node(self.node, "lstrip"), Value(TEXT, characters)), TEXT)
        )

    @overload
    def rstrip(self: Operand[str], characters: str = WHITESPACE) -> Text_co: ...
    @overload
    def rstrip(self: Operand[str | None], characters: str = WHITESPACE) -> TextOrNone_co: ...
    def rstrip(self: Operand[str | None], characters: str = WHITESPACE) -> object:
        """The text without any of ``characters`` (spaces, tabs and line ends) at its end."""
        return self._expression(
            arithmetic.made("rstrip", (text_node(self.node, "rstrip"), Value(TEXT, characters)), TEXT)
        )

    @overload
    def replace(self: Operand[str], old: str, new: str) -> Text_co: ...
    @overload
    def replace(self: Operand[str | None], old: str, new: str) -> TextOrNone_co: ...
    def replace(self: Operand[str | None], old: str, new: str) -> object:
        """The text with each ``old`` replaced by ``new``; the text itself where ``old`` is empty."""
        node = text_node(self.node, "replace")
        return self._expression(arithmetic.made("replace", (node, Value(TEXT, old), Value(TEXT, new)), TEXT))

    @overload
    def substring(
        self: Operand[str], start: int | Operand[int], length: int | Operand[int] | None = None
    ) -> Text_co: ...
    @overload
    def substring(
        self: Operand[str | None], start: int | Operand[int], length: int | Operand[int] | None = None
    ) -> TextOrNone_co: ...
    def substring(
        self: Operand[str | None], start: int | Operand[int], length: int | Operand[int] | None = None
    ) -> object:
        """The part of the text from the character ``start``, the first being 1, ``length`` characters or all.

        A start before the first character is the first, a negative length is none.

        Example: ``Event.title.substring(1, 3)`` of ``"Pyramid"`` is ``"Pyr"``.
        """
        return self._expression(cutting.substring(text_node(self.node, "substring"), start, length))

    @overload
    def left(self: Operand[str], length: int | Operand[int]) -> Text_co: ...
    @overload
    def left(self: Operand[str | None], length: int | Operand[int]) -> TextOrNone_co: ...
    def left(self: Operand[str | None], length: int | Operand[int]) -> object:
        """The first ``length`` characters of the text, or all where it has no more; of a negative length none."""
        return self._expression(cutting.substring(text_node(self.node, "left"), 1, length))

    @overload
    def right(self: Operand[str], length: int | Operand[int]) -> Text_co: ...
    @overload
    def right(self: Operand[str | None], length: int | Operand[int]) -> TextOrNone_co: ...
    def right(self: Operand[str | None], length: int | Operand[int]) -> object:
        """The last ``length`` characters of the text, or all where it has no more; of a negative length none."""
        return self._expression(cutting.right(text_node(self.node, "right"), length))

    @overload
    def lpad(self: Operand[str], width: int | Operand[int], fill: str = " ") -> Text_co: ...
    @overload
    def lpad(self: Operand[str | None], width: int | Operand[int], fill: str = " ") -> TextOrNone_co: ...
    def lpad(self: Operand[str | None], width: int | Operand[int], fill: str = " ") -> object:
        """The text with ``fill`` before it, over and over, so that it has ``width`` characters; a longer one is cut.

        Raises ``ValueOutOfRange`` where that would be more than 10,000,000.

        Example: ``cast(Invoice.number, str).lpad(6, "0")`` of 42 is ``"000042"``.
        """
        return self._expression(cutting.padded("lpad", text_node(self.node, "lpad"), width, fill))

    @overload
    def rpad(self: Operand[str], width: int | Operand[int], fill: str = " ") -> Text_co: ...
    @overload
    def rpad(self: Operand[str | None], width: int | Operand[int], fill: str = " ") -> TextOrNone_co: ...
    def rpad(self: Operand[str | None], width: int | Operand[int], fill: str = " ") -> object:
        """The text with ``fill`` after it, over and over, so that it has ``width`` characters; a longer one is cut.

        Raises ``ValueOutOfRange`` where that would be more than 10,000,000.
        """
        return self._expression(cutting.padded("rpad", text_node(self.node, "rpad"), width, fill))

    @overload
    def repeat(self: Operand[str], times: int | Operand[int]) -> Text_co: ...
    @overload
    def repeat(self: Operand[str | None], times: int | Operand[int]) -> TextOrNone_co: ...
    def repeat(self: Operand[str | None], times: int | Operand[int]) -> object:
        """The text so many times, one after the other; empty for 0 and less.

        Raises ``ValueOutOfRange`` where that would be more than 10,000,000 characters.
        """
        return self._expression(cutting.repeated(text_node(self.node, "repeat"), times))

    @overload
    def reverse(self: Operand[str]) -> Text_co: ...
    @overload
    def reverse(self: Operand[str | None]) -> TextOrNone_co: ...
    def reverse(self: Operand[str | None]) -> object:
        """The characters of the text from the last to the first."""
        return self._expression(arithmetic.made("reverse", (text_node(self.node, "reverse"),), TEXT))

    @overload
    def position(self: Operand[str], text: str) -> Whole_co: ...
    @overload
    def position(self: Operand[str | None], text: str) -> WholeOrNone_co: ...
    def position(self: Operand[str | None], text: str) -> object:
        """Where ``text`` first stands in the value, the first character being 1; 0 where it does not."""
        return self._expression(
            arithmetic.made("position", (text_node(self.node, "position"), Value(TEXT, text)), INTEGER)
        )

    @overload
    def length(self: Operand[Sequence[object]]) -> Whole_co: ...
    @overload
    def length(self: Operand[Sequence[object] | None]) -> WholeOrNone_co: ...
    def length(self: Operand[Sequence[object] | None]) -> object:
        """The number of characters of a text, bytes of binary data, or items of a list."""
        return self._expression(lists.length(self.node))
