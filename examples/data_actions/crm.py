"""A small outside service for the customer action: `uvicorn crm:app --port 8095`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "crm-demo-key"
CUSTOMERS = {
    "cust_10024": {"name": "Ann Lee", "tier": "gold"},
    "cust_10025": {"name": "Bo Ek", "tier": "silver"},
}


async def operate(request: Request) -> Response:
    """`POST /api/v1/operations/{kind}` with the customer's id and the fields to change."""
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return JSONResponse({"message": "who are you?"}, status_code=401)
    body = await request.json()
    found = CUSTOMERS.get(body["customer_id"])
    if found is None:
        return JSONResponse({"message": "no such customer"}, status_code=404)
    match request.path_params["kind"]:
        case "lookup":
            return JSONResponse(found)
        case "update":
            found.update({key: value for key, value in body.items() if key in found})
            return JSONResponse(found)
        case "delete":
            return JSONResponse(CUSTOMERS.pop(body["customer_id"]))
        case _:
            return JSONResponse({"message": "no such operation"}, status_code=404)


app = Starlette(routes=[Route("/api/v1/operations/{kind}", operate, methods=["POST"])])
