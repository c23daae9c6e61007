"""The functions and operators of the query language beside their Python: what they give of a value, exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, copysign, floor
from typing import Any
from typing import cast as typed

from hypothesis import strategies as st

from tabor import case, cast, coalesce, concat, greatest, least, nullif
from tests.differential.changed import joined, taken_out, with_key, without_key
from tests.differential.formulas import Formula, lifted
from tests.differential.schemas import (
    BLOB,
    DAY,
    EXTRA,
    FLAG,
    HOUR,
    INT,
    JSON_KEYS,
    LETTERS,
    MARK,
    MOMENT,
    PRICE,
    REAL,
    SIZE,
    SPAN,
    SPANS,
    TEXT,
    WORDS,
    Kind,
    Row,
    World,
    decimals,
)

Way = Callable[[st.DrawFn, Formula, list[Formula]], Formula]

CHOICES = (INT, TEXT, FLAG, REAL, PRICE, BLOB, DAY, HOUR, MOMENT, SPAN, MARK)
NOT_NULL = (-3, -2, 2, 3)
ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
ASCII_UPPER = {lower: upper for upper, lower in ASCII_LOWER.items()}
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


@st.composite
def computed(draw: st.DrawFn, among: list[Formula]) -> Formula:
    """A column, or what functions, one on the other, make of it."""
    one = draw(st.sampled_from(among))
    for _ in range(draw(st.integers(0, 2))):
        ways = [*(OF_DECIMALS if one.kind.python is Decimal else WAYS.get(one.kind, ()))]
        ways += [chosen, first_of, without] if one.kind in CHOICES else []
        if one.kind.ordered and one.kind is not FLAG and one.kind in CHOICES:
            ways.append(extreme)
        if ways:
            one = draw(st.sampled_from(ways))(draw, one, among)
    return one


def called(kind: Kind, name: str, of: Callable[[Any], Any], *args: Any) -> Way:
    """A method of the expression beside a function of its value."""

    def way(_: st.DrawFn, one: Formula, __: list[Formula]) -> Formula:
        shown = f"{one}.{name}({', '.join(map(repr, args))})"
        return lifted(kind, shown, getattr(one.expr, name)(*args), of, one)

    return way


def like_it(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Another column of the same type, or a value, or the formula itself."""
    value = draw(one.kind.values)
    given = Formula(repr(value), one.kind, value, lambda _, __: value)
    return draw(st.sampled_from([given, *[f for f in among if f.kind is one.kind]]))


# --- choices ---


def chosen(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """What a condition says."""
    test = draw(st.sampled_from(among))
    two = like_it(draw, one, among)
    empty = draw(st.booleans())
    choose, branch = typed("Any", case), (test.expr.is_null(), one.expr)
    expr = choose(branch) if empty else choose(branch, else_=two.expr)

    def of(world: World, row: Any) -> Any:
        if test.of(world, row) is None:
            return one.of(world, row)
        return None if empty else two.of(world, row)

    return Formula(f"case(({test} is null, {one}), else_={None if empty else two})", one.kind, expr, of)


def first_of(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """The first that is not null."""
    two, three = like_it(draw, one, among), like_it(draw, one, among)

    def of(world: World, row: Any) -> Any:
        return next((v for v in (part.of(world, row) for part in (one, two, three)) if v is not None), None)

    return Formula(f"coalesce({one}, {two}, {three})", one.kind, coalesce(one.expr, two.expr, three.expr), of)


def without(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Null in place of one value."""
    two = like_it(draw, one, among)

    def of(world: World, row: Any) -> Any:
        value = one.of(world, row)
        return None if value == two.of(world, row) else value

    return Formula(f"nullif({one}, {two})", one.kind, nullif(one.expr, two.expr), of)


def extreme(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """The largest or the smallest."""
    two = like_it(draw, one, among)
    name, make, of = draw(st.sampled_from([("greatest", greatest, max), ("least", least, min)]))
    return lifted(one.kind, f"{name}({one}, {two})", make(one.expr, two.expr), of, one, two)


# --- numbers ---


def unsigned(value: Any) -> Any:
    """A number whose zero has no sign; anything else as it is."""
    return value + 0 if isinstance(value, (Decimal, float)) else value


SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: unsigned(a * b),
}


def arithmetic(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """A sum, a difference or a product with a number of the same type."""
    two = like_it(draw, one, among)
    sign = draw(st.sampled_from("+-*"))
    kind = one.kind
    if kind.python is Decimal and sign == "*":
        kind = decimals(4)
        if one.kind is not decimals(2):
            return one
    if draw(st.booleans()):
        one, two = two, one
    if not hasattr(one.expr, "node") and not hasattr(two.expr, "node"):
        return two
    make = SIGNS[sign]
    return lifted(kind, f"({one} {sign} {two})", make(one.expr, two.expr), make, one, two)


def added(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """The sum of two durations."""
    two = like_it(draw, one, among)
    return lifted(SPAN, f"({one} + {two})", one.expr + two.expr, lambda a, b: a + b, one, two)


def times_whole(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """The product with a whole number."""
    number = draw(st.integers(-3, 3))
    return lifted(one.kind, f"({one} * {number})", one.expr * number, lambda a: unsigned(a * number), one)


def divided(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """A quotient, which is a float, with a number or a column that is not 0."""
    number, whole = draw(st.sampled_from(NOT_NULL)), [formula for formula in among if formula.kind is INT]
    if not whole or draw(st.booleans()):
        return lifted(REAL, f"({one} / {number})", one.expr / number, lambda a: unsigned(float(a) / number), one)
    two = draw(st.sampled_from(whole))
    expr = one.expr / nullif(two.expr, 0)

    def of(world: World, row: Any) -> Any:
        a, b = one.of(world, row), two.of(world, row)
        return None if a is None or not b else unsigned(float(a) / b)

    return Formula(f"({one} / nullif({two}, 0))", REAL, expr, of)


def whole_division(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Division of whole numbers, rounded down, and what is left over."""
    number = draw(st.sampled_from(NOT_NULL))
    if draw(st.booleans()):
        return lifted(INT, f"({one} // {number})", one.expr // number, lambda a: a // number, one)
    return lifted(INT, f"({one} % {number})", one.expr % number, lambda a: a % number, one)


def rounded(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Rounded, halves away from zero."""
    digits = draw(st.integers(0, 1))
    exact = one.kind.python is Decimal
    places = min(digits, one.kind.options["decimal_places"]) if exact else digits
    unit = Decimal(1).scaleb(-places)
    kind = decimals(places) if exact else one.kind

    def of(value: Any) -> Any:
        if exact:
            return value.quantize(unit, ROUND_HALF_UP) + 0
        size = abs(value) * 10**digits
        return copysign(floor(size) + (size - floor(size) >= 0.5), value) / 10**digits + 0.0

    return lifted(kind, f"{one}.round({digits})", one.expr.round(digits), of, one)


def cast_to(kind: Kind, python: Any, of: Callable[[Any], Any]) -> Way:
    """Another type."""

    def way(_: st.DrawFn, one: Formula, __: list[Formula]) -> Formula:
        return lifted(kind, f"cast({one}, {python.__name__})", cast(one.expr, python), of, one)

    return way


def negative(_: st.DrawFn, one: Formula, __: list[Formula]) -> Formula:
    """The number with the other sign."""
    return lifted(one.kind, f"-{one}", -one.expr, lambda a: unsigned(-a), one)


# --- texts ---


def stripped(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Without characters at its ends."""
    name, characters = (
        draw(st.sampled_from(["strip", "lstrip", "rstrip"])),
        draw(st.sampled_from([" ", "aB", "🎪'", ""])),
    )
    expr = getattr(one.expr, name)(characters)
    return lifted(TEXT, f"{one}.{name}({characters!r})", expr, lambda a: getattr(a, name)(characters), one)


def replaced(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """With other texts in it."""
    old, new = draw(LETTERS), draw(LETTERS)
    expr = one.expr.replace(old, new)
    return lifted(TEXT, f"{one}.replace({old!r}, {new!r})", expr, lambda a: a.replace(old, new) if old else a, one)


def part(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """A part of it."""
    start, length = draw(st.integers(-1, 4)), draw(st.none() | st.integers(-1, 3))

    def of(text: str) -> str:
        rest = text[max(start, 1) - 1 :]
        return rest if length is None else rest[: max(length, 0)]

    return lifted(TEXT, f"{one}.substring({start}, {length})", one.expr.substring(start, length), of, one)


def found_at(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Where a text stands in it."""
    text = draw(LETTERS)
    return lifted(INT, f"{one}.position({text!r})", one.expr.position(text), lambda a: a.find(text) + 1, one)


def together(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Two texts as one."""
    two = like_it(draw, one, among)
    if draw(st.booleans()):
        return lifted(
            TEXT, f"concat({one}, '-', {two})", concat(one.expr, "-", two.expr), lambda a, b: f"{a}-{b}", one, two
        )
    return lifted(TEXT, f"({one} + {two})", one.expr + two.expr, lambda a, b: a + b, one, two)


def end_of(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Its first or last characters."""
    number = draw(st.integers(-1, 4))
    if draw(st.booleans()):
        return lifted(TEXT, f"{one}.left({number})", one.expr.left(number), lambda a: a[: max(number, 0)], one)
    return lifted(
        TEXT, f"{one}.right({number})", one.expr.right(number), lambda a: a[-number:] if number > 0 else "", one
    )


def padded(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """With others before or after it, or cut."""
    width, fill = draw(st.integers(-1, 6)), draw(st.sampled_from([" ", "aB", "🎪'", ""]))
    cut = max(width, 0)

    def missing(text: str) -> str:
        return (fill * cut)[: max(cut - len(text), 0)]

    if draw(st.booleans()):
        expr = one.expr.lpad(width, fill)
        return lifted(TEXT, f"{one}.lpad({width}, {fill!r})", expr, lambda a: missing(a) + a[:cut], one)
    return lifted(
        TEXT, f"{one}.rpad({width}, {fill!r})", one.expr.rpad(width, fill), lambda a: a[:cut] + missing(a), one
    )


def repeated(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Several times."""
    times = draw(st.integers(-1, 3))
    return lifted(TEXT, f"{one}.repeat({times})", one.expr.repeat(times), lambda a: a * times, one)


# --- moments ---


BEGINNINGS: dict[str, Callable[[date], date]] = {
    "year": lambda d: d.replace(month=1, day=1),
    "quarter": lambda d: d.replace(month=(d.month - 1) // 3 * 3 + 1, day=1),
    "month": lambda d: d.replace(day=1),
    "week": lambda d: d - timedelta(days=d.weekday()),
    "day": lambda d: d,
}


def trunc_day(unit: str) -> Callable[[date], date]:
    """The day on which the unit begins."""
    return BEGINNINGS[unit]


ON_THE_CLOCK: dict[str, Callable[[datetime], datetime]] = {
    "hour": lambda m: m.replace(minute=0, second=0, microsecond=0),
    "minute": lambda m: m.replace(second=0, microsecond=0),
    "second": lambda m: m.replace(microsecond=0),
}


def trunc_moment(unit: str) -> Callable[[datetime], datetime]:
    """The moment at which the unit begins."""
    return ON_THE_CLOCK.get(unit) or (lambda moment: midnight(trunc_day(unit)(moment.date())))


def midnight(day: date) -> datetime:
    """The beginning of a day."""
    return datetime.combine(day, time(0), UTC)


def moved(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Later or earlier; a day by whole days."""
    spans = [formula for formula in among if formula.kind is SPAN]
    value = draw(SPANS)
    by = draw(st.sampled_from([Formula(repr(value), SPAN, value, lambda _, __: value), *spans]))
    if draw(st.booleans()):
        return lifted(one.kind, f"({one} + {by})", one.expr + by.expr, lambda a, b: a + b, one, by)

    def backwards(moment: Any, span: timedelta) -> Any:
        return moment - (timedelta(days=span.days) if one.kind is DAY else span)

    return lifted(one.kind, f"({one} - {by})", one.expr - by.expr, backwards, one, by)


def elapsed(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """The time between two."""
    two = like_it(draw, one, among)
    return lifted(SPAN, f"({one} - {two})", one.expr - two.expr, lambda a, b: a - b, one, two)


# --- lists and JSON ---


def item(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """One item of a list."""
    number = draw(st.integers(-3, 2))
    return lifted(TEXT, f"{one}[{number}]", one.expr[number], lambda a: step(a, number), one)


def step(value: Any, place: str | int) -> Any:
    """What stands at a key or an index, or None."""
    if isinstance(value, dict) and isinstance(place, str):
        return typed("Row", value).get(place)
    if isinstance(value, list) and isinstance(place, int):
        items = typed("list[object]", value)
        return items[place] if -len(items) <= place < len(items) else None
    return None


PLAIN: dict[str, tuple[Kind, Callable[[Any], Any]]] = {
    "as_text": (TEXT, lambda v: v if isinstance(v, str) else None),
    "as_int": (INT, lambda v: v if type(v) is int else None),
    "as_float": (REAL, lambda v: float(v) if type(v) in (int, float) else None),
    "as_bool": (FLAG, lambda v: v if isinstance(v, bool) else None),
}


STEPS: st.SearchStrategy[str | int] = JSON_KEYS | st.sampled_from([0, 1, -1])


def from_json(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """What stands at a path, as a plain value."""
    path = draw(st.lists(STEPS, min_size=1, max_size=2))
    name = draw(st.sampled_from(sorted(PLAIN)))
    kind, plain = PLAIN[name]
    expr = one.expr
    for key in path:
        expr = expr[key]

    def of(value: Any) -> Any:
        for key in path:
            value = step(value, key)
        return plain(value)

    return lifted(kind, f"{one}{path}.{name}()", getattr(expr, name)(), of, one)


def has_key(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Whether there is a key."""
    name = draw(JSON_KEYS)
    return lifted(FLAG, f"{one}.has_key({name!r})", one.expr.has_key(name), lambda a: name in a, one)


def contains_json(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Whether everything in another object is there."""
    scalar = st.none() | st.booleans() | st.integers(-3, 3) | LETTERS
    within = st.dictionaries(JSON_KEYS, scalar, max_size=2) | st.lists(scalar, max_size=2)
    wanted = draw(st.dictionaries(JSON_KEYS, scalar | within | st.lists(scalar | within, max_size=2), max_size=2))
    return lifted(
        FLAG, f"{one}.contains_json({wanted})", one.expr.contains_json(wanted), lambda a: holds(a, wanted), one
    )


def holds(value: Any, wanted: Any) -> bool:
    """Whether a JSON value has everything that another has."""
    if isinstance(wanted, dict):
        pairs = typed("Row", wanted).items()
        return isinstance(value, dict) and all(name in value and holds(value[name], item) for name, item in pairs)
    if isinstance(wanted, list):
        items = typed("list[object]", wanted)
        return isinstance(value, list) and all(
            any(holds(have, want) for have in typed("list[object]", value)) for want in items
        )
    return type(value) is type(wanted) and bool(value == wanted)


NUMERIC: list[Way] = [arithmetic, arithmetic, times_whole, negative, divided]
OF_DECIMALS: list[Way] = [
    *NUMERIC,
    rounded,
    called(INT, "sign", lambda n: (n > 0) - (n < 0)),
    called(INT, "floor", floor),
    called(INT, "ceil", ceil),
    cast_to(INT, int, int),
    cast_to(REAL, float, float),
    cast_to(TEXT, str, str),
]
DAYS_PARTS: list[Way] = [
    called(INT, "year", lambda d: d.year),
    called(INT, "month", lambda d: d.month),
    called(INT, "day", lambda d: d.day),
    called(INT, "weekday", lambda d: d.weekday()),
    called(INT, "quarter", lambda d: (d.month + 2) // 3),
    called(INT, "day_of_year", lambda d: d.timetuple().tm_yday),
    called(INT, "week", lambda d: d.isocalendar().week),
    called(INT, "iso_year", lambda d: d.isocalendar().year),
]
TIME_PARTS: list[Way] = [
    called(INT, "hour", lambda t: t.hour),
    called(INT, "minute", lambda t: t.minute),
    called(INT, "second", lambda t: t.second),
    called(INT, "microsecond", lambda t: t.microsecond),
]
WAYS: dict[Kind, list[Way]] = {
    INT: [
        *NUMERIC,
        whole_division,
        called(INT, "abs", abs),
        called(INT, "sign", lambda n: (n > 0) - (n < 0)),
        cast_to(TEXT, str, str),
        cast_to(REAL, float, float),
        cast_to(decimals(0), Decimal, Decimal),
    ],
    REAL: [*NUMERIC, rounded, called(REAL, "abs", abs), called(INT, "floor", floor), called(INT, "ceil", ceil)],
    TEXT: [
        called(TEXT, "lower", lambda t: t.translate(ASCII_LOWER)),
        called(TEXT, "upper", lambda t: t.translate(ASCII_UPPER)),
        called(INT, "length", len),
        stripped,
        replaced,
        called(TEXT, "reverse", lambda t: t[::-1]),
        part,
        end_of,
        padded,
        repeated,
        found_at,
        together,
    ],
    FLAG: [cast_to(INT, int, int)],
    BLOB: [called(INT, "length", len)],
    DAY: [
        *DAYS_PARTS,
        *[called(DAY, "trunc", trunc_day(unit), unit) for unit in UNITS[:5]],
        moved,
        elapsed,
        cast_to(MOMENT, datetime, midnight),
        cast_to(TEXT, str, str),
    ],
    HOUR: [*TIME_PARTS, cast_to(TEXT, str, lambda t: t.isoformat(timespec="microseconds"))],
    MOMENT: [
        *DAYS_PARTS,
        *TIME_PARTS,
        *[called(MOMENT, "trunc", trunc_moment(unit), unit) for unit in UNITS],
        moved,
        elapsed,
        called(DAY, "date", lambda m: m.date()),
        called(HOUR, "time", lambda m: m.time()),
        cast_to(TEXT, str, lambda m: m.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    ],
    SPAN: [
        elapsed,
        added,
        times_whole,
        negative,
        called(SPAN, "abs", abs),
        called(REAL, "total_seconds", timedelta.total_seconds),
    ],
    MARK: [cast_to(TEXT, str, str)],
    SIZE: [cast_to(TEXT, str, str), called(INT, "length", len)],
    WORDS: [called(INT, "length", len), item, joined, taken_out],
    EXTRA: [from_json, from_json, has_key, contains_json, with_key, without_key],
}
