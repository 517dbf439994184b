"""pydantic's findings in our form: location, type, message; never the offending value."""

from pydantic import ValidationError

from tieline.contracts.validation import MOST_VIOLATIONS, Violation


def pydantic_violations(error: ValidationError) -> tuple[Violation, ...]:
    """List what a model refused, in the model's order, at most `MOST_VIOLATIONS`."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        Violation(tuple(each["loc"]), each["type"], each["msg"]) for each in found[:MOST_VIOLATIONS]
    )
