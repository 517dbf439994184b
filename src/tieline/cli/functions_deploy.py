"""`tieline functions plan|deploy`: custom code on its way to the platform."""

from pathlib import Path

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.invoking import open_client
from tieline.cli.planned import SAID, plan_text


def plan(path: Path, /, *, integration: str | None = None, options: Options = DEFAULT) -> int:
    """Say what a deploy of a function would change; nothing is changed.

    ```console
    tieline functions plan examples/functions/data_enrichment
    ```

    Args:
        path: The folder with function.yaml, that file, or a zip beside it.
        integration: Name of the function integration; by default what function.yaml says.
    """
    with open_client(options) as client:
        planned = client.functions.deployment(path, integration=integration).plan()
    options.output.result(planned.to_json(), text=plan_text(planned))
    return Exit.OK


def deploy(path: Path, /, *, integration: str | None = None, options: Options = DEFAULT) -> int:
    """Package, upload and publish a function; doing it again changes nothing and says so.

    After an interruption run it again: it goes on where it stopped, and publishes once.

    ```console
    tieline functions deploy examples/functions/data_enrichment
    tieline functions deploy build/function.zip --integration "Functions"
    ```

    Args:
        path: The folder with function.yaml, that file, or a zip beside it.
        integration: Name of the function integration; made if there is none.
    """
    output = options.output
    with open_client(options) as client:
        deployment = client.functions.deployment(path, integration=integration)
        planned = deployment.plan()
        output.progress(f"{planned.target}: {planned.change}")
        deployed = deployment.apply(planned)
    output.progress_done()
    said = f"{deployed.name}: {SAID[deployed.change]} ({deployed.action_id})"
    output.result(deployed.to_json(), text=said)
    return Exit.OK
