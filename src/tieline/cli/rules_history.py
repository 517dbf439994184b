"""`tieline rules history`: conversations as they were, to simulate rules on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit

if TYPE_CHECKING:
    from tieline.services.simulating.conversation_history import Fetched

app = App(name="history", help="Fetch conversations to simulate rules on.")

Raw = Annotated[bool, Parameter(negative="", show_default=False)]

MediaType = Literal[
    "callback", "chat", "cobrowse", "email", "internalmessage", "message", "screenmonitoring",
    "screenshare", "unknown", "video", "voice",
]  # fmt: skip


@app.command
def fetch(
    *,
    interval: str,
    output: Path,
    queue: Annotated[list[str] | None, Parameter(negative="")] = None,
    media_type: Annotated[list[MediaType] | None, Parameter(negative="")] = None,
    raw: Raw = False,
    rules: Path | None = None,
    wait: float = 1800.0,
    options: Options = DEFAULT,
) -> int:
    r"""Fetch the platform's conversation details into a Parquet or JSON lines file.

    What is personal is masked while it is read: pseudonyms that join, under the audit log's key.

    ```console
    tieline rules history fetch --interval 2026-10-01/2026-10-31 \
        --output october.parquet
    tieline rules history fetch --interval 2026-10-01/2026-10-31 \
        --output o.jsonl --rules r.yaml \
        --queue 5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03
    ```

    Args:
        interval: When the conversations began, START/END in ISO 8601; at most 31 days.
        output: The file, .parquet or .jsonl; written whole or not at all.
        queue: Only conversations that were in the queue of this id; give it once a queue.
        media_type: Only conversations of this type; give it once a type.
        raw: Keep personal values as they are.
        rules: A rule file: attributes are cast to the types of its fields (.jsonl only).
        wait: Seconds to wait for the platform's job at most.
    """
    import anyio

    from tieline.services.connection import open_session

    async def fetched() -> "Fetched":
        from tieline.cli.rules_file import usable_rules
        from tieline.rules.check import field_types
        from tieline.services.simulating.conversation_history import fetch_history

        session = open_session(options.load_profile())
        try:
            return await fetch_history(
                session,
                interval,
                output,
                queues=queue or (),
                media_types=media_type or (),
                masker=None if raw else await session.trail.masker(),
                fields=None if rules is None else field_types(usable_rules(rules)),
                wait=wait,
            )
        finally:
            await session.aclose()

    found = anyio.run(fetched)
    text = f"{found.file}: {found.records:,} conversations"
    options.output.result(found.to_json(), text=text)
    return Exit.OK
