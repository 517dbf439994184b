"""`tieline actions`: data actions."""

from cyclopts import App

from tieline.cli.actions_authoring import build, deploy, plan
from tieline.cli.actions_export import export
from tieline.cli.actions_serve import serve
from tieline.cli.context import DEFAULT, DEFAULT_LIST, Flag, ListOptions, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_object
from tieline.cli.invoking import Seconds, definition_text, open_client, watching

app = App(name="actions", help="List, show and invoke data actions; build, host and deploy them.")
for _command in (build, plan, deploy, export, serve):
    app.command(_command)


@app.command(name="list")
def list_actions(*, name: str | None = None, options: ListOptions = DEFAULT_LIST) -> int:
    """List the data actions there are.

    ```console
    tieline actions list
    tieline actions list --name custom_customer --jsonl
    ```

    Args:
        name: Only actions whose name holds this.
    """
    with open_client(options) as client:
        records = (entry.to_json() for entry in client.actions.list(name=name))
        options.output.records(records, columns=("id", "name", "version", "category"))
    return Exit.OK


@app.command
def show(
    action_id: str,
    /,
    *,
    python: Flag = False,
    options: Options = DEFAULT,
) -> int:
    """Show an action with its contract.

    ```console
    tieline actions show custom_customer_lookup --json
    tieline actions show custom_customer_lookup --python > customer_models.py
    ```

    Args:
        action_id: Id of the action; on the platform its exact name will do.
        python: Print pydantic models of the contract, as a module.
    """
    with open_client(options) as client:
        definition = client.actions.show(action_id)
    document = definition.to_json()
    text = definition_text(definition)
    if python:
        from tieline.contracts.modelling import models_source

        text = models_source(
            definition.name or action_id,
            definition.input_schema or {},
            definition.output_schema or {},
        ).rstrip()
        document["python"] = text
    options.output.result(document, text=text)
    return Exit.OK


@app.command
def invoke(
    action_id: str,
    /,
    *,
    input: JsonInput,  # noqa: A002  # the option is --input
    timeout: Seconds | None = None,
    options: Options = DEFAULT,
) -> int:
    r"""Invoke an action and wait for its result.

    The input is checked against the action's contract before anything is sent.

    ```console
    tieline actions invoke custom_customer_lookup \
        --input '{"customerId": "10024"}'
    echo '{"customerId": "10024"}' \
        | tieline actions invoke custom_customer_lookup --input - --json
    ```

    Args:
        action_id: Id of the action; on the platform its exact name will do.
        input: Its input: literal JSON, @file, or - for stdin.
        timeout: Seconds to wait at most.
    """
    value = read_object(input)
    output = options.output
    resume = f"`tieline actions history {action_id}` shows how it ended"
    with open_client(options) as client, watching(output, resume=resume) as watch:
        outcome = client.actions.invoke(action_id, value, timeout=timeout, watch=watch)
    return output.outcome(outcome)


@app.command
def history(action_id: str, /, *, options: ListOptions = DEFAULT_LIST) -> int:
    """List past invocations of an action.

    The platform keeps none: there the list comes from Tieline's own audit log and holds what was
    invoked from this state directory.

    ```console
    tieline actions history 0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10 --jsonl
    ```

    Args:
        action_id: Id of the action.
    """
    with open_client(options) as client:
        if client.profile.api == "platform":
            options.output.note("from Tieline's audit log: the platform keeps no history")
        records = (past.to_json() for past in client.actions.history(action_id))
        columns = ("execution_id", "status", "at", "source", "correlation_id")
        options.output.records(records, columns=columns)
    return Exit.OK
