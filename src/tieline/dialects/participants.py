"""For whom a flow is launched; only the guides' flows take anybody."""

from tieline.dialects.ids import check_uuid
from tieline.dialects.port import Order
from tieline.errors import InvalidInput, Unsupported


def check_none(order: Order, *, hint: str) -> None:
    """Refuse a user or an external contact.

    Raises:
        Unsupported: there is no field to send them in.
    """
    if order.user_id is not None or order.external_contact_id is not None:
        raise Unsupported("a user or external contact cannot be given here", hint=hint)


def check_exactly_one(order: Order) -> None:
    """Accept one user or one external contact, by UUID.

    Raises:
        InvalidInput: both, none, or an id that is no UUID.
    """
    if (order.user_id is None) == (order.external_contact_id is None):
        given = "none" if order.user_id is None else "both"
        raise InvalidInput(
            f"a launch is for one user or one external contact; {given} given",
            hint="give exactly one of --user ID and --external-contact ID",
            details=[{"loc": ["user", "external_contact"], "type": "exactly_one"}],
        )
    if order.user_id is not None:
        check_uuid(order.user_id, what="user")
    if order.external_contact_id is not None:
        check_uuid(order.external_contact_id, what="external contact")
