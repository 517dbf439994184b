"""What is asked of a history: a rule set, perhaps an older one beside it, and when records were."""

from dataclasses import dataclass, replace

from tieline.errors import InvalidInput
from tieline.rules.check import field_types
from tieline.rules.field_type import FieldType
from tieline.rules.model import Ruleset


@dataclass(frozen=True, slots=True)
class Question:
    """Checked rule sets, and the date-time column that makes a time series.

    `time_field` need not be one of the rules' fields: a record without it is counted, just not in
    the series.
    """

    ruleset: Ruleset
    against: Ruleset | None = None
    time_field: str | None = None

    def __post_init__(self) -> None:
        """Refuse two rule sets that read one field in two ways.

        Raises:
            InvalidInput: a field has another type in the older file.
        """
        if self.against is None:
            return
        older = field_types(self.against)
        for name, known in field_types(self.ruleset).items():
            if name in older and str(older[name]) != str(known):
                raise InvalidInput(
                    f"field `{name}` is {known} here and {older[name]} in the older rules:"
                    " no record can be right for both",
                    hint="give the field one type in both files",
                )

    def read_by(self) -> Ruleset:
        """The fields and rules of both; `required` is the newer one's. What to decode records by.

        A record is invalid when a field of either rule set has a wrong type.
        """
        if self.against is None:
            return self.ruleset
        return replace(
            self.ruleset,
            fields={**self.against.fields, **self.ruleset.fields},
            rules=(*self.ruleset.rules, *self.against.rules),
        )

    def time(self) -> FieldType | None:
        """The time field as a type: the one that was named, else the first date-time field."""
        if self.time_field is not None:
            return FieldType(self.time_field, "date-time", {})
        types = field_types(self.ruleset).values()
        return next((known for known in types if known.kind == "date-time"), None)
