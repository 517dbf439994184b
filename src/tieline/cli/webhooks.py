"""`tieline webhooks`: who is told of what, what waits, and is this message real."""

import os
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from tieline.cli.context import DEFAULT, DEFAULT_LIST, ListOptions, Options
from tieline.cli.exits import Exit
from tieline.cli.input import read_bytes, read_object
from tieline.errors import InvalidInput

if TYPE_CHECKING:
    from tieline.secret import Secret
    from tieline.store.outbox import WebhookStore

app = App(name="webhooks", help="Tell other systems, signed and at least once.")

SECRET_VARIABLE = "TIELINE_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable


@app.command
def add(
    name: str,
    url: str,
    /,
    *,
    event: list[str] | None = None,
    api_key_from: str | None = None,
    allow_network: list[str] | None = None,
    allow_http: bool = False,
    options: Options = DEFAULT,
) -> int:
    r"""Tell an endpoint of events, and print the secret its receiver checks them with.

    The secret is shown this once.

    ```console
    tieline webhooks add crm https://crm.example.org/hooks --event 'flows.*' \
        --event 'runs.*'
    ```

    Args:
        name: A name of your own for it.
        url: Where to; https, and a public address, unless allowed otherwise.
        event: Patterns of event types, * for any text; all events when not given.
        api_key_from: Environment variable with the value of an X-API-Key header.
        allow_network: A network inside that may be called, such as 10.1.0.0/16.
        allow_http: Let the URL be plain http.
    """
    from tieline.calls.destination import Policy, judge_url
    from tieline.services.webhooks import new_secret
    from tieline.store.outbox import Endpoint

    judge_url(url, Policy.allowing(*allow_network or (), plain_http=allow_http))
    secret = new_secret()
    endpoint = Endpoint(
        name=name,
        url=url,
        events=tuple(event or ["*"]),
        secrets=(secret,),
        api_key=None if api_key_from is None else _from_environment(api_key_from),
        networks=tuple(allow_network or ()),
        plain_http=allow_http,
    )
    store = _store(options)
    try:
        store.put_endpoint(endpoint)
    finally:
        store.close()
    options.output.result({"name": name, "url": url, "secret": secret.reveal()})
    return Exit.OK


@app.command(name="list")
def list_endpoints(*, options: ListOptions = DEFAULT_LIST) -> int:
    """List the endpoints, and how each one stands.

    ```console
    tieline webhooks list
    ```
    """
    store = _store(options)
    try:
        rows = [
            {
                "name": one.name,
                "url": one.url,
                "events": list(one.events),
                "state": "gone" if one.gone else "failing" if one.failures else "ok",
                "failures": one.failures,
                "next_at": _time(one.next_at),
            }
            for one in store.endpoints()
        ]
    finally:
        store.close()
    options.output.records(rows, columns=("name", "url", "events", "state", "failures", "next_at"))
    return Exit.OK


@app.command
def remove(name: str, /, *, options: Options = DEFAULT) -> int:
    """Tell an endpoint nothing more, what waits for it included.

    ```console
    tieline webhooks remove crm
    ```
    """
    store = _store(options)
    try:
        store.remove_endpoint(name)
    finally:
        store.close()
    options.output.result({"removed": name})
    return Exit.OK


@app.command
def deliveries(
    *,
    endpoint: str | None = None,
    state: Literal["pending", "delivered", "dead"] | None = None,
    limit: int = 100,
    options: ListOptions = DEFAULT_LIST,
) -> int:
    """List what was and is to be delivered, the newest first; `dead` was given up after a day.

    ```console
    tieline webhooks deliveries --state pending
    ```

    Args:
        endpoint: Only to this one.
        state: Only these.
        limit: At most this many.
    """
    store = _store(options)
    try:
        found = store.deliveries(endpoint=endpoint, state=state, limit=limit)
    finally:
        store.close()
    rows = [{**row, "at": _time(row["at"])} for row in found]
    columns = ("id", "endpoint", "type", "at", "state", "attempts", "error")
    options.output.records(rows, columns=columns)
    return Exit.OK


@app.command
def deliver(*, watch: bool = False, options: Options = DEFAULT) -> int:
    """Deliver what is due now; with --watch go on until stopped.

    Exit code 1 when something due could not be delivered; it stays in line.

    ```console
    tieline webhooks deliver --watch
    ```

    Args:
        watch: Stay, and deliver as events come.
    """
    import anyio

    from tieline.clock import SystemClock
    from tieline.services.webhooks import Webhooks

    store = _store(options)
    try:
        webhooks = Webhooks(store, SystemClock())
        if watch:
            anyio.run(lambda: webhooks.run(until_empty=False))
        done = anyio.run(webhooks.deliver_due)
    finally:
        store.close()
    options.output.result({"delivered": done.delivered, "failed": done.failed, "dead": done.dead})
    return Exit.FAILED if done.failed or done.dead else Exit.OK


@app.command
def replay(
    delivery: int | None = None,
    /,
    *,
    endpoint: str | None = None,
    options: Options = DEFAULT,
) -> int:
    """Put dead letters back in line, with another day to be delivered.

    ```console
    tieline webhooks replay --endpoint crm
    tieline webhooks replay 17
    ```

    Args:
        delivery: Number of one, as `deliveries` lists it; all dead ones when not given.
        endpoint: Only those to this one.
    """
    from tieline.clock import SystemClock

    store = _store(options)
    try:
        if endpoint is not None:
            store.endpoint(endpoint)
        count = store.revive(now=SystemClock().wall(), id=delivery, endpoint=endpoint)
    finally:
        store.close()
    options.output.result({"replayed": count})
    return Exit.OK


@app.command
def verify(
    *,
    body: str,
    headers: str,
    endpoint: str | None = None,
    secret_from: str = SECRET_VARIABLE,
    tolerance: float = 300.0,
    options: Options = DEFAULT,
) -> int:
    r"""Check that a message that was received is signed, fresh and whole. Exit code 7 if not.

    ```console
    tieline webhooks verify --body @body.json --headers @headers.json \
        --endpoint crm
    ```

    Args:
        body: The body as it came, byte for byte: @file or - for stdin.
        headers: Its headers as a JSON object: literal, @file or -.
        endpoint: Check with the secrets of this endpoint of ours.
        secret_from: Environment variable with the secret otherwise.
        tolerance: Seconds the message may be old.
    """
    from tieline.calls.signature import BadSignature
    from tieline.calls.signature import verify as check
    from tieline.clock import SystemClock

    content = read_bytes(body, what="--body")
    named = {name: str(value) for name, value in read_object(headers, what="--headers").items()}
    secrets = _secrets(endpoint, secret_from, options)
    try:
        signed = check(secrets, named, content, now=SystemClock().wall(), tolerance=tolerance)
    except BadSignature as exc:
        options.output.result({"ok": False, "reason": exc.message})
        return Exit.PROBLEMS
    options.output.result({"ok": True, "id": signed.id, "timestamp": signed.timestamp})
    return Exit.OK


@app.command
def schema() -> int:
    """Print the JSON Schema of the events.

    ```console
    tieline webhooks schema > events.schema.json
    ```
    """
    from tieline.calls.event_catalogue import event_schema
    from tieline.cli.output import print_line, to_json

    print_line(to_json(event_schema()))
    return Exit.OK


def _secrets(endpoint: str | None, variable: str, options: Options) -> tuple["Secret", ...]:
    if endpoint is None:
        return (_from_environment(variable),)
    store = _store(options)
    try:
        return store.endpoint(endpoint).secrets
    finally:
        store.close()


def _from_environment(name: str) -> "Secret":
    from tieline.secret import Secret

    value = os.environ.get(name)
    if not value:
        raise InvalidInput(f"the environment variable {name} is not set")
    return Secret(value)


def _store(options: Options) -> "WebhookStore":
    from tieline.store.outbox import WebhookStore

    return WebhookStore(options.load_state_dir() / "webhooks.sqlite3")


def _time(wall: float) -> str | None:
    from tieline.clock import rfc3339

    return rfc3339(wall) if wall else None
