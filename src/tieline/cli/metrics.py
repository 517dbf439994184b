"""`tieline metrics`: what the commands of this state directory did, as numbers."""

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit


def metrics(*, options: Options = DEFAULT) -> int:
    """Print the state directory's metrics as OpenMetrics text; with --json as a summary.

    Each command is a process of its own, so they are counted from the audit log: invocations by
    target and status, and a histogram of their latency. Feed it to node_exporter's textfile
    collector, for instance.

    ```console
    tieline metrics > /var/lib/node_exporter/tieline.prom
    tieline metrics --json
    ```
    """
    from tieline.services.state_reading.metrics import metrics_of, summary_of

    state_dir = options.load_state_dir()
    if options.json:
        options.output.result(summary_of(state_dir))
    else:
        options.output.result({}, text=metrics_of(state_dir).openmetrics().rstrip("\n"))
    return Exit.OK
