"""`tieline actions export`: what a developer portal is told."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tieline.cli.context import DEFAULT_LIST, ListOptions
from tieline.cli.exits import Exit

if TYPE_CHECKING:
    from tieline.actions.definition import Action

Form = Literal["json", "openapi", "markdown"]


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
        from tieline.serving import write_whole

        write_whole(output, text)
        options.output.note(f"wrote {output}")
    if push is not None:
        from tieline.hosting.pushing import push_documents

        await push_documents(push, documents)
        options.output.note(f"pushed {len(documents)} document(s) to {push}")
    if output is None and push is None:
        options.output.result(documents, text=text)
    return Exit.OK


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
