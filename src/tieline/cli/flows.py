"""`tieline flows`: launched, followed, looked at."""

from typing import TYPE_CHECKING

from cyclopts import App

from tieline.cli.context import DEFAULT, Options
from tieline.cli.ending_text import ending_text
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_object
from tieline.cli.invoking import Seconds, open_client, watching

if TYPE_CHECKING:
    from tieline.blocking.execution import Execution

app = App(name="flows", help="Launch flows and look at their executions.")


@app.command
def launch(
    flow_id: str,
    /,
    *,
    input: JsonInput | None = None,  # noqa: A002  # the option is --input
    user: str | None = None,
    external_contact: str | None = None,
    wait: bool = True,
    timeout: Seconds | None = None,
    options: Options = DEFAULT,
) -> int:
    r"""Launch a flow, and wait for its end unless told not to.

    A launch whose answer is lost is never sent again on its own: it ends `uncertain`, exit code 5.

    ```console
    tieline flows launch 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11 \
        --input '{"Flow.customerId": "10024"}'
    tieline flows launch 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11 --no-wait --json
    ```

    Args:
        flow_id: Id of the flow.
        input: Its input variables, `Flow.` and all: literal JSON, @file, or - for stdin.
        user: Id of the user it is launched for (guide dialect).
        external_contact: Id of the external contact it is launched for (guide dialect).
        wait: Follow it to its end.
        timeout: Seconds to wait at most; it goes on after that.
    """
    value = {} if input is None else read_object(input)
    output = options.output
    resume = "`tieline flows show {}` says how it stands"
    with open_client(options) as client, watching(output, resume=resume) as watch:
        if not wait:
            execution = client.flows.launch(
                flow_id, value, user=user, external_contact=external_contact, timeout=timeout
            )
            document = execution.to_json()
            output.result(document, text=ending_text(document))
            return Exit.OK
        outcome = client.flows.invoke(
            flow_id,
            value,
            user=user,
            external_contact=external_contact,
            timeout=timeout,
            watch=watch,
        )
    return output.outcome(outcome)


@app.command
def show(execution_id: str, /, *, options: Options = DEFAULT) -> int:
    """Show how an execution stands. Exits with 0 whatever its status.

    ```console
    tieline flows show 5d0c3c5e-7f7a-4a55-9df1-0f5b8a9c6d21 --json
    ```

    Args:
        execution_id: Id of the execution, as `flows launch` gave it.
    """
    with open_client(options) as client:
        execution = client.flows.show(execution_id)
    document = _shown(execution)
    options.output.result(document, text=ending_text(document))
    return Exit.OK


def _shown(execution: "Execution") -> dict[str, object]:
    # Its start is not part of what was looked at.
    hidden = {"attempts", "audit_id"}
    return {key: value for key, value in execution.to_json().items() if key not in hidden}
