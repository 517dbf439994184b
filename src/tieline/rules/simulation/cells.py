"""Text cells, as CSV has them, cast to the type of their field; nothing is guessed.

| field | a cell |
|---|---|
| any | empty: null |
| string | the text |
| date-time | RFC 3339 |
| integer, number | a JSON number; an integer is whole by value: `5`, `5.0`, `1e2` |
| boolean | `true` or `false` |
| array | JSON if it begins with `[`, else members between `|`, each cast as a cell of its type |
| object | JSON |

Anything else is of a wrong type, and the record invalid.
"""

# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported.

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tieline.rules.exact_number import number_from_json, number_from_text
from tieline.rules.field_type import FieldType, wrong_type
from tieline.rules.simulation.arrow import Encoded, Encoder, present_words
from tieline.rules.simulation.bitmap import full, pack
from tieline.rules.simulation.columns import Coded, Flagged, Listed, narrowest_codes
from tieline.rules.simulation.distinct import Values
from tieline.types import Json

# What 64 bits hold for certain, and what a double's shortest text certainly is: 15 digits.
_SHORT_INTEGER = r"^-?(0|[1-9][0-9]{0,17})$"
_SHORT_NUMBER = r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,5})?$"


class Wrong:
    """Stands for a cell that is no value of its field's type."""


WRONG = Wrong()


def encode_cells(encoder: Encoder, known: FieldType, cells: pa.Array) -> Encoded:
    """Encode a column of texts, null where the cell is empty."""
    match known.kind:
        case "string" | "date-time":
            return encoder.column(known, cells)
        case "boolean":
            return _booleans(cells)
        case "integer" | "number":
            kind, form = (
                (pa.int64(), _SHORT_INTEGER)
                if known.kind == "integer"
                else (pa.float64(), _SHORT_NUMBER)
            )
            if pc.all(pc.match_substring_regex(cells, form), min_count=0).as_py() is not False:
                return encoder.column(known, cells.cast(kind))
    return _distinct(known, cells)


def cell_value(known: FieldType, text: str | None) -> Json:
    """What one cell says, or `WRONG`."""
    if text is None or text == "":
        return None
    value = _cast(known, text)
    return WRONG if value is WRONG or wrong_type(known, value) is not None else value


def _cast(known: FieldType, text: str) -> Json:
    match known.kind:
        case "integer" | "number":
            number = number_from_text(text)
            return WRONG if number is None else number
        case "boolean":
            return {"true": True, "false": False}.get(text, WRONG)
        case "array":
            if text.startswith("["):
                return _json(text)
            items = known.items
            return [] if items is None else [_cast(items, part) for part in text.split("|")]
        case "object":
            return _json(text)
        case _:
            return text


def _json(text: str) -> Json:
    try:
        return json.loads(
            text,
            parse_float=number_from_json,
            parse_int=number_from_json,
            parse_constant=lambda _: WRONG,
        )
    except (ValueError, RecursionError):
        return WRONG


def _booleans(cells: pa.Array) -> Encoded:
    true, false = pc.equal(cells, "true"), pc.equal(cells, "false")
    wrong = pc.invert(pc.fill_null(pc.or_(true, false), True)).to_numpy(zero_copy_only=False)
    flags = pc.fill_null(true, False).to_numpy(zero_copy_only=False)
    column = Flagged(present_words(cells), pack(flags))
    return Encoded(column, wrong if wrong.any() else None)


def _distinct(known: FieldType, cells: pa.Array) -> Encoded:
    """Cast each distinct text once, exactly."""
    coded = cells.dictionary_encode()
    values = [cell_value(known, text) for text in coded.dictionary.to_pylist()] or [None]
    bad = np.array([value is WRONG for value in values])
    usable = [None if value is WRONG else value for value in values]
    taken = pc.fill_null(coded.indices, 0).to_numpy()
    wrong = bad[taken] & cells.is_valid().to_numpy(zero_copy_only=False)
    flags = wrong if wrong.any() else None
    present = present_words(cells)
    if known.items is None:
        column = _coded(present, [_hashable(value) for value in usable], taken)
        return Encoded(column, flags)
    return Encoded(_listed(present, [value or [] for value in usable], taken), flags)


def _coded(present: Any, values: list[Json], taken: Any) -> Coded:
    distinct = Values()
    codes = np.array([distinct.code(value) for value in values], dtype=np.int64)
    return Coded(present, narrowest_codes(codes[taken], len(distinct)), distinct)


def _listed(present: Any, lists: list[list[Json]], taken: Any) -> Listed:
    """The members of each record's list, one after the other."""
    distinct = Values()
    codes = pa.array(
        [[distinct.code(m) for m in members] for members in lists], pa.list_(pa.int64())
    )
    lengths = np.array([len(members) for members in lists], dtype=np.int64)[taken]
    flat = codes.take(pa.array(taken)).flatten().to_numpy()
    members = Coded(full(len(flat)), narrowest_codes(flat, len(distinct)), distinct)
    return Listed(present, np.concatenate([[0], np.cumsum(lengths)]), members)


def _hashable(value: Json) -> Json:
    return True if isinstance(value, dict) else value
