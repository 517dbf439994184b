import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.operation import Operation, Request
from tieline.calls.refusals import LONGEST_MESSAGE, MOST_DETAILS, message_of, refusal
from tieline.calls.retry import Attempt
from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    Conflict,
    NotFound,
    PermissionDenied,
)

PLATFORM = Operation(
    "flows.show", "GET", "/api/v2/flows/{id}", idempotent=True, dialect="platform",
    permissions=("architect:flow:view",),
)  # fmt: skip
GUIDE = Operation(
    "flows.launch", "POST", "/api/v2/flows/executions", idempotent=False, dialect="guide",
    scopes=("flow:execution:write",),
)  # fmt: skip


def error_of(status: int, body: object, operation: Operation = PLATFORM) -> ApiError:
    path = {"id": "3f1a"} if operation is PLATFORM else {}
    return refusal(
        Request(operation, path=path),
        Attempt(0, True, status, {}, body),
        attempts=1,
        correlation_id="c1",
    )


MISSING = (
    "Unable to perform the requested action. You are missing the following permission(s): "
    "architect:flow:view, architect:flow:edit"
)


def test_a_403_names_the_permission_that_the_platform_misses() -> None:
    error = error_of(403, {"message": MISSING, "code": "missing.permissions"})

    assert isinstance(error, PermissionDenied)
    assert "architect:flow:edit" in error.message
    assert "architect:flow:edit" in error.hint


def test_a_403_that_names_nothing_names_what_the_catalogue_knows() -> None:
    assert "architect:flow:view" in error_of(403, {"message": "no"}).message


def test_a_403_of_the_guides_names_the_scope() -> None:
    error = error_of(403, {"message": "no"}, GUIDE)

    assert "flow:execution:write" in error.message
    assert "scopes" in error.hint


def test_a_404_names_the_thing() -> None:
    error = error_of(404, {"message": "The requested resource was not found."})

    assert isinstance(error, NotFound)
    assert error.message == "flows.show: not found: id 3f1a"


def test_a_400_shows_the_details_of_the_platform() -> None:
    details = [{"errorCode": "invalid.value", "fieldName": "inputData.customerId"}]

    error = error_of(400, {"message": "no", "details": details})

    assert type(error) is ApiError
    assert error.error_code == "GENESYS_API_400"
    assert "inputData.customerId: invalid.value" in error.message
    assert error.details == tuple(details)


@pytest.mark.parametrize("status", [400, 409])
def test_a_stale_version_is_a_conflict_whichever_status_says_so(status: int) -> None:
    body = {"message": "Version 3 does not match the current version 4"}

    assert isinstance(error_of(status, body), Conflict)


def test_a_401_is_a_matter_of_credentials() -> None:
    assert isinstance(
        error_of(401, {"message": "Invalid login credentials."}), (AuthenticationFailed)
    )


SAID = [
    ("ErrorBody", {"message": "no  such\nthing", "code": "x"}, "no such thing"),
    ("OAuth", {"error": "invalid_client", "error_description": "client not found"},
     "client not found"),
    ("OAuth without a description", {"error": "invalid_client"}, "invalid_client"),
    ("a guide's object", {"error": {"code": "X", "message": "unknown key"}}, "unknown key"),
    ("a page", {"raw": "<html><title>502 Bad\nGateway</title>"}, "502 Bad Gateway"),
    ("text", {"raw": "upstream down"}, "upstream down"),
    ("nothing", None, ""),
    ("a list", [1], ""),
    ("empty", {"message": ""}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text"), [s[1:] for s in SAID], ids=[s[0] for s in SAID])
def test_what_the_platform_said_is_found_in_each_of_its_forms(body: object, text: str) -> None:
    assert message_of(body) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["message", "error", "details", "errorCode", "fieldName", "raw", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.integers(400, 599), VALUES, st.sampled_from([PLATFORM, GUIDE]))
def test_any_body_makes_an_error_with_a_message_and_a_hint(
    status: int, body: object, operation: Operation
) -> None:
    error = error_of(status, body, operation)

    assert error.message
    assert error.hint
    assert error.to_json()["correlation_id"] == "c1"


def test_a_platform_that_echoes_a_document_does_not_make_an_error_of_its_size() -> None:
    body = {"message": "x" * 1_000_000, "details": [{"errorCode": "e"}] * 100_000}

    error = error_of(400, body)

    assert len(error.message) < 3 * LONGEST_MESSAGE
    assert len(error.details) == MOST_DETAILS
