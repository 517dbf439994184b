"""A schema grows only, by what the platform allows."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.table_schema import extended_schema, new_schema, retyped, schema_change
from tieline.emulator.business_rules.attributes import change_flaws
from tieline.rules.table import Attribute, InputColumn, Table

BOUNDS = st.none() | st.integers(0, 50)


def enum(*keys: str) -> Attribute:
    titles = {key: {"title": key} for key in keys}
    return Attribute("lang", "enum", {"enum": list(keys), "_enumProperties": titles})


def table(*attributes: Attribute) -> Table:
    return Table("t", attributes, tuple(InputColumn(a.key, "Equals") for a in attributes), (), ())


def bounded(kind: Any, low: str, high: str) -> st.SearchStrategy[Attribute]:
    bounds = st.fixed_dictionaries({low: BOUNDS, high: BOUNDS.map(lambda b: b and b + 50)})
    return bounds.map(
        lambda found: Attribute(kind, kind, {k: v for k, v in found.items() if v is not None})
    )


ATTRIBUTES = st.tuples(
    bounded("integer", "minimum", "maximum"),
    bounded("string", "minLength", "maxLength"),
    bounded("stringList", "minItems", "maxItems"),
    st.lists(st.sampled_from("abcde"), min_size=1, unique=True).map(lambda keys: enum(*keys)),
).flatmap(lambda each: st.lists(st.sampled_from(each), min_size=1, unique_by=lambda a: a.key))


@given(ATTRIBUTES, ATTRIBUTES)
def test_a_schema_grown_for_other_rules_is_allowed_and_content_with_both(
    first: list[Attribute], second: list[Attribute]
) -> None:
    before = new_schema(table(*first), marker="m")
    after = extended_schema(table(*second), before)
    assert list(change_flaws(before, after)) == []
    assert schema_change(table(*first), after) is None
    assert schema_change(table(*second), after) is None
    assert (after["title"], after["description"]) == (before["title"], "m")


def test_a_change_names_the_attributes_that_come_or_grow() -> None:
    before = new_schema(table(enum("a", "b"), Attribute("n", "integer", {"minimum": 1})), marker="")
    wanted = table(
        enum("b", "c"), Attribute("n", "integer", {"minimum": 2}), Attribute("x", "number", {})
    )
    change = schema_change(wanted, before)
    assert change is not None
    assert change.fields == ("lang", "x")
    assert change.before == {"lang": before["properties"]["lang"], "x": None}
    assert change.after is not None
    assert change.after["lang"]["enum"] == ["a", "b", "c"]


def test_what_an_answer_spells_out_or_leaves_out_is_no_change() -> None:
    wanted = table(Attribute("n", "integer", {"minimum": 1}))
    answered = new_schema(wanted, marker="")
    answered["properties"]["n"] |= {"maximum": None}
    del answered["properties"]["n"]["description"]
    assert schema_change(wanted, {**answered, "definitions": {"integer": {}}}) is None


def test_an_attribute_of_another_type_is_told() -> None:
    standing = new_schema(table(Attribute("n", "integer", {})), marker="")
    assert retyped(table(Attribute("n", "integer", {}), enum("a")), standing) == []
    assert retyped(table(Attribute("n", "number", {})), standing) == [
        "`n` is integer there and number in the file"
    ]
