"""`tieline actions build|plan|deploy|export|serve`: actions that are written in Python."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, DEFAULT_LIST, ListOptions, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_object
from tieline.errors import ConfigInvalid

if TYPE_CHECKING:
    from tieline.actions.definition import Action
    from tieline.client import AsyncClient
    from tieline.config.hosting import HostingSettings
    from tieline.deployments.plan import Plan
    from tieline.services.action_deployment import AsyncActionDeployment

Form = Literal["json", "openapi", "markdown"]


def build(
    module: str,
    /,
    *,
    render: Annotated[bool, Parameter(negative="")] = False,
    input: JsonInput = "{}",  # noqa: A002  # the option's name
    answer: JsonInput | None = None,
    url: str = "https://actions.example",
    options: Options = DEFAULT,
) -> int:
    """Derive the contracts of a module's actions and check them for both dialects.

    With --render: the exact request the platform will send for --input, and, with --answer, what
    it makes of the service's answer.

    ```console
    tieline actions build customer.py
    tieline actions build customer.py --render --input '{"customer_id": "cust_10024"}'
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
        [each.to_json() for each in plans], text="\n".join(_plan_text(each) for each in plans)
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


SAID = {
    "none": "nothing to change",
    "create": "created",
    "update": "updated",
    "replace": "published as a new action; the one before was set aside",
}


async def export(
    module: str,
    /,
    *,
    form: Annotated[Form, Parameter(name="--format")] = "json",
    output: Path | None = None,
    push: str | None = None,
    docs_url: str | None = None,
    options: ListOptions = DEFAULT_LIST,
) -> int:
    """Write what a developer portal is told: JSON, OpenAPI 3.1 or a Markdown page.

    ```console
    tieline actions export customer.py --output portal.json
    tieline actions export customer.py --format openapi
    tieline actions export customer.py --push https://portal.example/sync
    ```

    Args:
        module: MODULE or FILE.py, with :NAME for one of its actions.
        form: json, openapi or markdown.
        output: Write to this file instead of stdout.
        push: Post each JSON document to this address, with retries.
        docs_url: The documentation's address, put into the document.
    """
    from tieline.actions.loading import load_actions

    actions = load_actions(module)
    text, documents = _exported(actions, form, docs_url)
    if output is not None:
        from tieline.hosting.server import write_whole

        write_whole(output, text)
        options.output.note(f"wrote {output}")
    if push is not None:
        from tieline.hosting.pushing import push_documents

        await push_documents(push, documents)
        options.output.note(f"pushed {len(documents)} document(s) to {push}")
    if output is None and push is None:
        options.output.result(documents, text=text)
    return Exit.OK


async def serve(
    *modules: str,
    host: str = "127.0.0.1",
    port: int = 8088,
    ready_file: Path | None = None,
    gateway: bool = True,
    options: Options = DEFAULT,
) -> int:
    """Host actions, and validate strictly in front of any action.

    Keys, the outside service and secrets come from the environment or .env:
    TIELINE_SERVE_API_KEYS, TIELINE_SERVE_SIGNING_KEYS, TIELINE_OUTSIDE_BASE_URL,
    TIELINE_OUTSIDE_KEY, TIELINE_SECRET_<NAME>. Without a key only this machine is answered.

    ```console
    tieline actions serve customer.py
    tieline actions serve shop.actions crm.actions --host 0.0.0.0 --port 8088
    ```

    Args:
        modules: MODULE or FILE.py, any number of them.
        host: Address to listen on; another than loopback needs a key.
        port: Port to listen on; 0 takes a free one.
        ready_file: Written with url and pid once requests are answered.
        gateway: Serve /v1/actions as well; needs a profile with credentials.
    """
    from tieline.actions.loading import load_actions
    from tieline.config.hosting import load_hosting
    from tieline.hosting.running import hosted_service
    from tieline.hosting.server import bind
    from tieline.hosting.server import serve as serve_app

    settings = load_hosting()
    _check_exposure(host, settings, options)
    actions = [action for module in modules for action in load_actions(module)]
    _configure_logs(options)
    client = _client(options) if gateway else None
    listening = bind(host, port)
    with listening:
        async with hosted_service(
            actions, settings, state_dir=options.load_state_dir(), client=client
        ) as app:
            names = ", ".join(action.name for action in actions) or "no action"

            def announce(url: str) -> None:
                options.output.note(f"serving {names} at {url}")

            await serve_app(app, listening, announce=announce, ready_file=ready_file)
    return Exit.OK


def _check_exposure(host: str, settings: "HostingSettings", options: Options) -> None:
    if settings.api_keys or settings.signing_keys:
        return
    if host not in {"127.0.0.1", "::1", "localhost"}:
        raise ConfigInvalid(
            f"--host {host} would let others in, and no key is configured",
            hint="set TIELINE_SERVE_API_KEYS, or serve on 127.0.0.1",
        )
    options.output.note("no key is configured: only this machine is answered")


def _configure_logs(options: Options) -> None:
    import logging

    from tieline.observe.logs import configure_logs

    level = logging.WARNING if options.quiet else logging.INFO
    configure_logs(form="json" if options.json else "console", level=level)


def _client(options: Options) -> "AsyncClient | None":
    """The gateway's client; without credentials there is no gateway, and that is said."""
    from tieline.client import AsyncClient

    try:
        return AsyncClient.from_profile(options.profile, state_dir=options.state_dir)
    except ConfigInvalid as missing:
        options.output.note(f"no gateway: {missing.message}")
        return None


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


def _exported(
    actions: Sequence["Action"], form: Form, docs_url: str | None
) -> tuple[str, list[dict[str, Any]]]:
    from tieline.cli.output import to_json
    from tieline.clock import SystemClock, rfc3339
    from tieline.hosting.openapi import openapi_document
    from tieline.hosting.portal import markdown_page, portal_document

    moment = rfc3339(SystemClock().wall())
    documents = [
        portal_document(action, exported_at=moment, docs_url=docs_url) for action in actions
    ]
    match form:
        case "openapi":
            described = openapi_document(actions)
            return to_json(described), [described]
        case "markdown":
            return "\n".join(markdown_page(action) for action in actions), documents
        case "json":
            return to_json(documents[0] if len(documents) == 1 else documents), documents


def _built_text(document: dict[str, Any]) -> str:
    from tieline.cli.output import to_json

    lines = [f"{document['name']} {document['version']}"]
    for dialect, problems in document["problems"].items():
        lines.append(f"  {dialect}: " + ("ok" if not problems else f"{len(problems)} problem(s)"))
        lines += [f"    {each['field']}: {each['message']}; {each['fix']}" for each in problems]
    if "rendered" in document:
        lines.append(to_json(document["rendered"]))
    return "\n".join(lines)


def _plan_text(planned: "Plan") -> str:
    head = f"{planned.target} {planned.version}: {planned.change}"
    if planned.resumes:
        head += " (goes on where an earlier deploy stopped)"
    return "\n".join(
        [
            head,
            *(f"  {each.path}: {each.before!r} → {each.after!r}" for each in planned.differences),
        ]
    )
