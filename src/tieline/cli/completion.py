"""`tieline completion`: the script that lets a shell complete commands and options."""

from typing import Literal

from tieline.cli.context import DEFAULT, Flag, Options
from tieline.errors import InvalidInput

Shell = Literal["bash", "zsh", "fish", "powershell"]


def completion(
    shell: Shell | None = None,
    /,
    *,
    install: Flag = False,
    options: Options = DEFAULT,
) -> None:
    """Print the completion script of a shell, or install it.

    ```console
    tieline completion bash > ~/.local/share/bash-completion/completions/tieline
    tieline completion --install
    ```

    Args:
        shell: The shell; without it, the one this command runs in.
        install: Write the script where the shell looks for it, and say where.
    """
    from cyclopts.completion import ShellDetectionError

    from tieline.cli.app import build

    app = build()
    try:
        if install:
            path = app.install_completion(shell=shell)
            options.output.result({"installed": str(path)}, text=f"installed {path}")
        else:
            script = app.generate_completion(shell=shell)
            options.output.result({"script": script}, text=script.rstrip("\n"))
    except ShellDetectionError as error:
        raise InvalidInput(
            "which shell this is cannot be told", hint="`tieline completion bash`"
        ) from error
