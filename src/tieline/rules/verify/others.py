"""Values of a space that are none of some given ones: what stands for "anything else"."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from tieline.rules.verify.domain import Expired, never
from tieline.rules.verify.space import Space, fraction_of, instant_value, number_of, same
from tieline.rules.verify.text_search import TextQuery, find_text
from tieline.types import Json


def other_values(
    space: Space, taken: Sequence[Json], count: int, *, expired: Expired = never
) -> list[Json]:
    """Up to `count` values the space allows, different from each other and from those taken.

    Fewer only when there are no more.

    Raises:
        Undecided: a pattern that cannot be searched, or not in time.
    """
    if count <= 0:
        return []
    if space.choices is not None:
        free = [one for one in space.choices if not any(same(one, value) for value in taken)]
        return free[:count]
    if space.type.kind in ("integer", "number", "date-time"):
        return _other_points(space, taken, count)
    return _other_texts(space, taken, count, expired)


def _other_points(space: Space, taken: Sequence[Json], count: int) -> list[Json]:
    used = sorted(place for value in taken if (place := fraction_of(space.type, value)) is not None)
    found: list[Fraction] = []
    while len(found) < count:
        ends: list[Fraction | None] = [None, *sorted({*used, *found}), None]
        pairs = pairwise(ends)
        place = next(
            (one for low, high in pairs if (one := space.between(low, high)) is not None), None
        )
        if place is None:
            break
        found.append(place)
    as_value = instant_value if space.type.kind == "date-time" else number_of
    return [as_value(place) for place in found]


def _other_texts(space: Space, taken: Sequence[Json], count: int, expired: Expired) -> list[Json]:
    used = [str(value) for value in taken]
    found: list[Json] = []
    for _ in range(count):
        query = TextQuery(
            patterns=() if space.pattern is None else ((space.pattern, True),),
            excluded=frozenset(used),
            shortest=space.min_length,
            longest=space.max_length,
        )
        text = find_text(query, expired=expired)
        if text is None:
            break
        found.append(text)
        used.append(text)
    return found
