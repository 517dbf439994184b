"""`tieline runs`: many invocations, kept in a ledger, each accounted for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from tieline.cli.context import DEFAULT, DEFAULT_LIST, Flag, ListOptions, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput

if TYPE_CHECKING:
    from tieline.services.run_handle import AsyncRun

app = App(name="runs", help="Launch by the hundred thousand: queued, throttled, resumable.")

Store = Annotated[str, Parameter(env_var="TIELINE_STORE")]
"""Type of `--store`: `sqlite`, or a PostgreSQL URL that several machines share."""

# What fits a terminal of 80 columns; --json has everything.
LIST_COLUMNS = ("run_id", "name", "state", "total", "done", "failed", "uncertain")


@app.command
def start(
    *,
    items: JsonInput,
    flow: str | None = None,
    action: str | None = None,
    function: str | None = None,
    rate: str | None = None,
    concurrency: int = 64,
    name: str | None = None,
    reference_field: str | None = None,
    duplicates: Literal["refuse", "first"] = "refuse",
    skip_invalid: Path | None = None,
    wait: bool = True,
    item_timeout: float = 120.0,
    user: str | None = None,
    external_contact: str | None = None,
    tell_items: Flag = False,
    store: Store = "sqlite",
    leave_to_workers: Flag = False,
    options: Options = DEFAULT,
) -> int:
    r"""Launch every item of a file, within the rate limit, each exactly once.

    An item is the input itself: a JSONL line's object, a CSV row by its header. Order is not
    promised. Ctrl-C finishes what is under way and says how to resume; kill -9 is survived too.

    ```console
    tieline runs start --flow 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11 \
        --items callbacks.jsonl
    tieline runs start --action custom_customer_lookup --items ids.csv \
        --rate 120/min --json
    ```

    Args:
        items: The items: a .jsonl or .csv file, or - for JSON lines on stdin.
        flow: Id of the flow to launch.
        action: Id or name of the action to invoke.
        function: Id or name of the function to invoke.
        rate: The run's own limit, such as 120/min, beside that of the OAuth client.
        concurrency: Items under way at once, at most.
        name: What to call the run.
        reference_field: Member of an item that identifies it; else its place in the file does.
        duplicates: What to do about two items of one reference: refuse all, or keep the first.
        skip_invalid: Write lines that are no items to this file, and go on without them.
        wait: Follow each item to its end; else it is done when it is launched.
        item_timeout: Seconds an item may take from its launch to its end.
        user: Id of the user the flow is launched for (guide dialect).
        external_contact: Id of the external contact it is launched for (guide dialect).
        tell_items: Tell webhooks of each item's end too, not only of the run's.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
        leave_to_workers: Only hand the items out; `tieline runs worker` carries them out.
    """
    from tieline.cli.running import Start, start_run

    return start_run(
        Start(
            items=items, flow=flow, action=action, function=function, rate=rate,
            concurrency=concurrency, name=name, reference_field=reference_field,
            duplicates=duplicates, skip_invalid=skip_invalid, wait=wait, item_timeout=item_timeout,
            user=user, external_contact=external_contact, tells="items" if tell_items else "run",
        ),
        options,
        store=store,
        by="workers" if leave_to_workers else "this process",
    )  # fmt: skip


@app.command(name="list")
def list_(*, store: Store = "sqlite", options: ListOptions = DEFAULT_LIST) -> int:
    """List the runs of the ledger, newest first.

    ```console
    tieline runs list --json
    ```

    Args:
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import documents

    options.output.records(documents(options, store), columns=LIST_COLUMNS)
    return Exit.OK


@app.command
def show(run: str, /, *, store: Store = "sqlite", options: Options = DEFAULT) -> int:
    """Show how a run stands. Exits with 0 whatever its state.

    ```console
    tieline runs show spring-callbacks
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import document, run_text, with_run

    told = with_run(options, store, run, document)
    options.output.result(told, text=run_text(told))
    return Exit.OK


@app.command
def watch(run: str, /, *, store: Store = "sqlite", options: Options = DEFAULT) -> int:
    """Watch a run that another process carries out, until it is over or nobody does.

    ```console
    tieline runs watch spring-callbacks
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import watch_run

    return watch_run(options, store, run)


@app.command
def resume(
    run: str,
    /,
    *,
    keep_items: Flag = False,
    store: Store = "sqlite",
    options: Options = DEFAULT,
) -> int:
    """Go on with a run that was interrupted, killed or paused.

    If another living process carries it out, this one watches.

    ```console
    tieline runs resume spring-callbacks
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        keep_items: Go on with the items as they were read, although the file was changed.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import resume_run

    return resume_run(options, store, run, items="as read" if keep_items else "unchanged")


@app.command
def cancel(run: str, /, *, store: Store = "sqlite", options: Options = DEFAULT) -> int:
    """Send nothing more of a run. What was sent is finished.

    ```console
    tieline runs cancel spring-callbacks
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import document, run_text, with_run

    async def work(handle: "AsyncRun") -> dict[str, object]:
        await handle.cancel()
        return await document(handle)

    told = with_run(options, store, run, work)
    options.output.result(told, text=run_text(told))
    return Exit.OK


@app.command
def export(
    run: str,
    /,
    *,
    to: Path | None = None,
    form: Annotated[
        Literal["json", "jsonl", "csv", "parquet"] | None, Parameter(name="--format")
    ] = None,
    store: Store = "sqlite",
    options: ListOptions = DEFAULT_LIST,
) -> int:
    """Write every item and what became of it.

    ```console
    tieline runs export spring-callbacks --to spring-callbacks.csv
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        to: The file; its name tells the format. Without it, JSON lines on stdout, or with --json
            one array.
        form: Where the name does not tell.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.running import export_run

    return export_run(options, store, run, to, form)


@app.command
def resolve(
    run: str,
    /,
    *,
    look_up: Flag = False,
    item: str | None = None,
    outcome: Annotated[Literal["done", "failed", "pending"] | None, Parameter(name="--as")] = None,
    execution_id: str | None = None,
    note: str | None = None,
    store: Store = "sqlite",
    options: ListOptions = DEFAULT_LIST,
) -> int:
    r"""List the uncertain items of a run, or settle them.

    Exits with 5 while there are any. Each settlement is a record in the audit log.

    ```console
    tieline runs resolve run-20260131-1f3a5b7c --look-up
    tieline runs resolve run-20260131-1f3a5b7c --item cust_17 --as done \
        --note "seen in the log"
    ```

    Args:
        run: Its id, or its name for the latest of that name.
        look_up: Settle what can be found out: executions that are known, answers in the audit log,
            and what a data action's own history tells (guide dialect).
        item: Reference of the item to settle by hand; `all` for every uncertain one.
        outcome: What became of it; `pending` sends it again at the next resume.
        execution_id: The execution it became.
        note: Why; goes into the audit log.
        store: Where the ledger is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.resolving import ByHand, resolve_run
    from tieline.errors import InvalidInput

    by_hand = None
    if item is not None or outcome is not None:
        if item is None or outcome is None:
            raise InvalidInput(
                "`--item` and `--as` go together", hint="`--item REFERENCE --as done`, for instance"
            )
        by_hand = ByHand(item, outcome, execution_id, note)
    return resolve_run(options, store, run, how="look up" if look_up else "list", by_hand=by_hand)


@app.command
def worker(
    *,
    store: Annotated[str, Parameter(env_var="TIELINE_STORE")],
    until_idle: Flag = False,
    options: Options = DEFAULT,
) -> int:
    """Carry out items of any run in a PostgreSQL ledger, on any number of machines.

    Start, stop and kill workers freely. Needs `tieline[distributed]`.

    ```console
    tieline runs worker --store postgresql://tieline@db/tieline
    ```

    Args:
        store: The ledger: a postgresql:// URL.
        until_idle: End when nothing is left to do, instead of waiting for more.
    """
    from tieline.cli.running import run_worker

    return run_worker(options, store, then="leave" if until_idle else "wait")
