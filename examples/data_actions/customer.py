"""Guide 1's customer action: one file is the models, the handler, and what is registered.

tieline actions serve examples/data_actions/customer.py
tieline actions deploy examples/data_actions/customer.py
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from tieline.actions import Context, action
from tieline.errors import Error


class CustomerRequest(BaseModel):
    """What Architect sends."""

    customer_id: str = Field(
        pattern=r"^cust_[a-zA-Z0-9]+$",
        description="The customer's number",
        json_schema_extra={"pii": True},
    )
    request_type: Literal["lookup", "update", "delete"]
    payload: dict[str, Any] = Field(default_factory=dict, description="Fields of the operation")


class CustomerReply(BaseModel):
    """What Architect gets."""

    success: bool
    message: str
    data: dict[str, Any] = Field(default_factory=dict)
    trace_id: str = "unknown"


@action(
    name="custom_customer_care",
    version="1.0.0",
    timeout=30.0,
    retry_on=("lookup",),  # an update or a delete may have been carried out: never repeated
    flatten=True,
)
async def customer_care(request: CustomerRequest, context: Context) -> CustomerReply:
    """Look up, update or delete a customer in the CRM."""
    # `customer_id` last: nothing in the payload can name another customer.
    body = {**request.payload, "customer_id": request.customer_id}
    try:
        data = await context.outside.post(
            "/api/v1/operations/{kind}",
            body,
            operation=request.request_type,
            kind=request.request_type,
        )
    except Error as error:
        context.log.warning("the CRM refused", code=error.error_code)
        return CustomerReply(
            success=False,
            message=f"the CRM could not {request.request_type} the customer",
            trace_id=context.trace_id,
        )
    context.log.info("customer", request_type=request.request_type)
    return CustomerReply(success=True, message="done", data=data or {}, trace_id=context.trace_id)
