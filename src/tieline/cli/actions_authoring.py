"""`tieline actions build|plan|deploy`: actions that are written in Python."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tieline.cli.context import DEFAULT, Flag, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_object
from tieline.cli.planned import SAID, plan_text

if TYPE_CHECKING:
    from tieline.services.action_deployment import AsyncActionDeployment


def build(
    module: str,
    /,
    *,
    render: Flag = False,
    input: JsonInput = "{}",  # noqa: A002  # the option's name
    answer: JsonInput | None = None,
    url: str = "https://actions.example",
    options: Options = DEFAULT,
) -> int:
    r"""Derive the contracts of a module's actions and check them for both dialects.

    With --render: the exact request the platform will send for --input, and, with --answer, what
    it makes of the service's answer.

    ```console
    tieline actions build customer.py
    tieline actions build customer.py --render \
        --input '{"customer_id": "cust_10024"}'
    ```

    Args:
        module: MODULE or FILE.py, with :NAME for one of its actions.
        render: Show the rendered request as well.
        input: Input to render: a JSON object, @file or -.
        answer: The service's answer to translate: JSON, @file or -.
        url: Where the service will be reached.
    """
    from tieline.actions.loading import load_actions
    from tieline.hosting.building import built, rendered

    payload = read_object(input)
    given = None if answer is None else read_object(answer, what="--answer")
    documents = []
    for action in load_actions(module):
        document = built(action)
        if render:
            document["rendered"] = rendered(action, payload, url=url, answer=given)
        documents.append(document)
    options.output.result(documents, text="\n\n".join(_built_text(each) for each in documents))
    return Exit.OK if all(each["allowed"]["guide"] or each["allowed"]["platform"]
                          for each in documents) else Exit.PROBLEMS  # fmt: skip


async def plan(
    module: str,
    /,
    *,
    url: str | None = None,
    integration: str | None = None,
    credential: str | None = None,
    options: Options = DEFAULT,
) -> int:
    """Say what a deploy would change; nothing is changed.

    ```console
    tieline actions plan customer.py --url https://actions.example
    ```

    Args:
        module: MODULE or FILE.py, with :NAME for one of its actions.
        url: Where the platform reaches the service that hosts the actions.
        integration: Name of the web-services integration they belong to.
        credential: Id of the credential it uses; field apiKey is what the service is called with.
    """
    async with _deployments(module, url, integration, credential, options) as deployments:
        plans = [await deployment.plan() for deployment in deployments]
    options.output.result(
        [each.to_json() for each in plans], text="\n".join(plan_text(each) for each in plans)
    )
    return Exit.OK


async def deploy(
    module: str,
    /,
    *,
    url: str | None = None,
    integration: str | None = None,
    credential: str | None = None,
    test_input: JsonInput | None = None,
    options: Options = DEFAULT,
) -> int:
    """Register the module's actions; doing it again changes nothing and says so.

    ```console
    tieline actions deploy customer.py --url https://actions.example
    tieline actions deploy customer.py:customer_lookup --test-input @sample.json
    ```

    Args:
        module: MODULE or FILE.py, with :NAME for one of its actions.
        url: Where the platform reaches the service that hosts the actions.
        integration: Name of the web-services integration; made if there is none.
        credential: Id of the credential it uses; field apiKey is what the service is called with.
        test_input: Execute the draft with this input before publishing; the handler really runs.
    """
    test = None if test_input is None else read_object(test_input, what="--test-input")
    deployed = []
    async with _deployments(module, url, integration, credential, options) as deployments:
        plans = [(each, await each.plan()) for each in deployments]  # all refused before any starts
        for deployment, planned in plans:
            options.output.progress(f"{planned.target}: {planned.change}")
            deployed.append(await deployment.apply(planned, test=test))
    options.output.progress_done()
    options.output.result(
        [each.to_json() for each in deployed],
        text="\n".join(
            f"{each.name} {each.version}: {SAID[each.change]}"
            + (f" ({each.action_id})" if each.action_id else "")
            for each in deployed
        ),
    )
    return Exit.OK


@asynccontextmanager
async def _deployments(
    module: str,
    url: str | None,
    integration: str | None,
    credential: str | None,
    options: Options,
) -> AsyncIterator[Sequence["AsyncActionDeployment"]]:
    from tieline.actions.loading import load_actions
    from tieline.client import AsyncClient
    from tieline.config.hosting import load_hosting
    from tieline.services.action_deployment import DEFAULT_INTEGRATION

    actions = load_actions(module)
    reached = url or load_hosting().public_url
    async with AsyncClient.from_profile(options.profile, state_dir=options.state_dir) as client:
        yield [
            client.actions.deployment(
                action,
                url=reached,
                integration=integration or DEFAULT_INTEGRATION,
                credential=credential,
            )
            for action in actions
        ]


def _built_text(document: dict[str, Any]) -> str:
    from tieline.cli.output import to_json

    lines = [f"{document['name']} {document['version']}"]
    for dialect, problems in document["problems"].items():
        lines.append(f"  {dialect}: " + ("ok" if not problems else f"{len(problems)} problem(s)"))
        lines += [f"    {each['field']}: {each['message']}; {each['fix']}" for each in problems]
    if "rendered" in document:
        lines.append(to_json(document["rendered"]))
    return "\n".join(lines)
