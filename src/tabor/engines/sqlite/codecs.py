"""How Python values travel through SQLite's five storage classes and back, exactly.

One thing is not kept, as SQLite itself does not: the float -0.0 is stored as 0.0, in JSON too.
"""

from __future__ import annotations

from typing import cast

from tabor.compile.sqlite.patterns import glob_pattern, json_path, like_pattern
from tabor.compile.sqlite.search import search_text
from tabor.datatypes import DataType, JsonPath, Pattern, SearchQuery
from tabor.engines.interface import Codec, Codecs
from tabor.engines.plain_forms import pair_of


class SqliteCodecs(Codecs):
    """The codecs of SQLite.

    >>> from decimal import Decimal as PythonDecimal
    >>> from tabor.datatypes import Decimal as DecimalType
    >>> SqliteCodecs().encoder(DecimalType(places=2))(PythonDecimal("1.5"))
    150
    """

    def encoder(self, datatype: DataType) -> Codec | None:
        if isinstance(datatype, Pattern):
            return cast("Codec", like_pattern if datatype.ignore_case else glob_pattern)
        if isinstance(datatype, JsonPath):
            return cast("Codec", json_path)
        if isinstance(datatype, SearchQuery):
            return cast("Codec", search_text)
        return pair_of(datatype).encode

    def decoder(self, datatype: DataType) -> Codec | None:
        return None if isinstance(datatype, (JsonPath, SearchQuery)) else pair_of(datatype).decode
