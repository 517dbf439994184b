"""`tieline functions`: custom code of the guides, function-backed actions of the platform."""

from typing import Annotated

from cyclopts import App, Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.functions_deploy import deploy, plan
from tieline.cli.functions_run import run
from tieline.cli.input import JsonInput, read_object
from tieline.cli.invoking import Seconds, definition_text, open_client, watching

app = App(name="functions", help="Show, invoke, run and deploy functions.")
app.command(run)
app.command(plan)
app.command(deploy)


@app.command
def show(function_id: str, /, *, options: Options = DEFAULT) -> int:
    """Show a function's definition: its inputs, its limits, whether it is active.

    ```console
    tieline functions show a1b2c3d4-e5f6-7890-abcd-ef1234567890 --json
    ```

    Args:
        function_id: Id of the function; on the platform its exact name will do.
    """
    with open_client(options) as client:
        definition = client.functions.show(function_id)
    options.output.result(definition.to_json(), text=definition_text(definition))
    return Exit.OK


@app.command
def invoke(
    function_id: str,
    /,
    *,
    input: JsonInput,  # noqa: A002  # the option is --input
    timeout: Seconds | None = None,
    cache: Annotated[bool, Parameter(negative="--no-cache")] = True,
    options: Options = DEFAULT,
) -> int:
    r"""Invoke a function and wait for its end.

    The input is checked against the function's definition before anything is sent.

    ```console
    tieline functions invoke a1b2c3d4-e5f6-7890-abcd-ef1234567890 \
        --input '{"customerId": "10024"}'
    tieline functions invoke DataEnrichmentFunction --input @customer.json \
        --timeout 30 --json
    ```

    Args:
        function_id: Id of the function; on the platform its exact name will do.
        input: Its inputs: literal JSON, @file, or - for stdin.
        timeout: Seconds to wait at most; it goes on after that and can be picked up again.
        cache: Take the result of an equal invocation of the last five minutes of this process.
    """
    value = read_object(input)
    output = options.output
    resume = f"look at it with functions.execution({function_id!r}, '{{}}') from Python"
    with open_client(options) as client, watching(output, resume=resume) as watch:
        outcome = client.functions.invoke(
            function_id, value, timeout=timeout, cache=cache, watch=watch
        )
    return output.outcome(outcome)
