"""Makes instances of pydantic models from their JSON Schema."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, cast

from tabor.datatypes.models import Model
from tabor.errors import InvalidValue
from tabor.testing.draw import Draw

Schema = Mapping[str, Any]
_DEPTH = 40
_FORMATS = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "duration": "PT1H",
    "email": "name@example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def instance(datatype: Model, draw: Draw) -> object:
    """An instance with the fields that the model requires; raises ``NoValidRow`` where the model refuses what is made.

    Example: for ``class Opening(BaseModel): hour: int = Field(ge=8)`` it is ``Opening(hour=8)``.
    """
    schema = datatype.model.model_json_schema()
    document = _Documents(schema.get("$defs", {}), draw).made(schema, 0)
    try:
        return datatype.from_text(json.dumps(document))
    except InvalidValue as error:
        raise draw.refused(f"the model refuses what was made by its schema: {error.reason}") from error


class _Documents:
    """Makes values by the schemas of one document."""

    def __init__(self, definitions: Mapping[str, Schema], draw: Draw) -> None:
        self._definitions = definitions
        self._draw = draw
        self._within: list[str] = []
        self._kinds: dict[str, Callable[[Schema, int], object]] = {
            "array": self._array,
            "boolean": lambda _schema, _depth: False,
            "integer": self._number,
            "null": lambda _schema, _depth: None,
            "number": self._number,
            "object": self._object,
            "string": self._string,
        }

    def made(self, schema: Schema, depth: int) -> object:
        """A value that the schema accepts, as far as a schema without regard to patterns can tell."""
        if "$ref" in schema:
            name = str(schema["$ref"])
            self._within.append(name)
            made = self.made(self._definitions[name.rpartition("/")[2]], depth + 1)
            self._within.pop()
            return made
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for word in ("anyOf", "oneOf", "allOf"):
            if word in schema:
                return self.made(self._chosen(schema[word]), depth)
        make = self._kinds.get(schema.get("type", ""))
        return None if make is None else make(schema, depth)

    def _chosen(self, schemas: list[Schema]) -> Schema:
        """The first alternative, but null in place of a model within itself."""
        empty = [schema for schema in schemas if schema.get("type") == "null"]
        return empty[0] if empty and schemas[0].get("$ref") in self._within else schemas[0]

    def _object(self, schema: Schema, depth: int) -> object:
        if depth > _DEPTH:
            raise self._draw.refused("the model holds itself without an end")
        properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
        return {name: self.made(properties.get(name, {}), depth + 1) for name in schema.get("required", ())}

    def _array(self, schema: Schema, depth: int) -> object:
        first = cast("list[Schema]", schema.get("prefixItems", []))
        more = max(0, int(schema.get("minItems", 0)) - len(first))
        return [self.made(each, depth + 1) for each in [*first, *([schema.get("items", {})] * more)]]

    def _number(self, schema: Schema, depth: int) -> int | float:
        whole = schema.get("type") == "integer"
        step = schema.get("multipleOf", 1 if whole else None)
        low, high = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if above is not None:
            low = above + (step or _inside(above, high if high is not None else below))
        if low is None:
            ends = [end for end in (high, None if below is None else below - (step or 1)) if end is not None]
            low = min([0, *ends])
        return float(low) if step is None else math.ceil(low / step) * cast("float", step)

    def _string(self, schema: Schema, depth: int) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        word = f"{self._draw.word} {self._draw.number}".ljust(least, "-")
        return word if most is None else word[: int(most)]


def _inside(above: float, end: float | None) -> float:
    """A step from an excluded minimum that stays below the maximum."""
    return 1 if end is None or end > above + 1 else (end - above) / 2
