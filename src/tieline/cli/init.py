"""`tieline init`: writes the configuration, every field explained."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Flag, Options
from tieline.config.regions import find_region
from tieline.errors import ConfigInvalid, InvalidInput
from tieline.types import DialectName

_DEFAULT_REGION = "us-east-1"  # the official SDK's default host


@dataclass(frozen=True, slots=True)
class _Answers:
    region: str
    api: DialectName
    client_id: str
    base_url: str


def init(
    *,
    yes: Annotated[Flag, Parameter(name=["--yes", "-y"])] = False,
    force: Flag = False,
    region: str | None = None,
    api: Literal["platform", "guide"] | None = None,
    client_id: str | None = None,
    base_url: str | None = None,
    options: Options = DEFAULT,
) -> None:
    """Write tieline.toml and .env.example into this folder.

    Asks what it needs on a terminal; with --yes it asks nothing. A secret is never written into
    tieline.toml: put it into .env, or into a keyring.

    ```console
    tieline init
    tieline init --yes --region eu-west-1 --client-id 4b0e...
    tieline init --yes --profile local --base-url http://127.0.0.1:8089
    ```

    Args:
        yes: Ask nothing, take defaults.
        force: Replace files that are there.
        region: Region, as an AWS name or a domain.
        api: Dialect: the real platform's endpoints, or the five guides'.
        client_id: OAuth client id.
        base_url: API address instead of a region.
    """
    folder = Path.cwd()
    targets = (folder / "tieline.toml", folder / ".env.example")
    _refuse_overwriting(targets, force=force)
    given = _Answers(region or "", api or "platform", client_id or "", base_url or "")
    if not yes:
        given = _ask(given, dialect_given=api is not None)
    _write(targets, options.profile or "default", given)
    _report(targets, options)


def _refuse_overwriting(targets: tuple[Path, ...], *, force: bool) -> None:
    there = [path.name for path in targets if path.exists()]
    if there and not force:
        raise InvalidInput(
            f"{' and '.join(there)}: there already",
            hint="`tieline init --force` replaces it",
        )


def _ask(given: _Answers, *, dialect_given: bool) -> _Answers:
    if not sys.stdin.isatty():
        raise InvalidInput(
            "tieline init asks questions, and stdin is no terminal",
            hint="tieline init --yes --region eu-west-1 --client-id ID",
        )
    api = given.api
    if not dialect_given:
        answer = _prompt("API dialect, platform or guide", "platform")
        api = "guide" if answer.lower().startswith("g") else "platform"
    base_url = given.base_url
    if api == "guide" and not base_url:
        base_url = _prompt("API address", "http://127.0.0.1:8089")
    region = given.region
    if not base_url and not region:
        region = _ask_region()
    client_id = given.client_id or _prompt("OAuth client id (empty: later)", "")
    return _Answers(region, api, client_id, base_url)


def _ask_region() -> str:
    while True:
        answer = _prompt("Region, AWS name or domain", _DEFAULT_REGION)
        try:
            find_region(answer)
        except ConfigInvalid as error:
            sys.stderr.write(f"{error.message}; {error.hint}\n")
        else:
            return answer


def _prompt(question: str, default: str) -> str:
    # input() would write the question to stdout, where only results go.
    sys.stderr.write(f"{question}{f' [{default}]' if default else ''}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt("nothing was written")
    return line.strip() or default


def _write(targets: tuple[Path, ...], profile: str, answers: _Answers) -> None:
    from tieline.config.template import render_env_example, render_toml

    values: dict[str, str] = {"api": answers.api}
    if answers.base_url:
        values["base_url"] = answers.base_url
    else:
        values["region"] = find_region(answers.region or _DEFAULT_REGION, source="--region").aws
    if answers.client_id:
        values["client_id"] = answers.client_id
    for path, text in zip(
        targets, (render_toml(profile, values), render_env_example()), strict=True
    ):
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as exc:
            raise ConfigInvalid(f"{path} cannot be written: {exc.strerror}", hint="") from exc


def _report(targets: tuple[Path, ...], options: Options) -> None:
    following = [
        "put TIELINE_CLIENT_SECRET into .env beside it, and .env into .gitignore",
        "`tieline doctor` checks every value",
    ]
    options.output.result(
        {"status": "written", "files": [str(path) for path in targets], "next": following},
        text="\n".join(
            [*(f"wrote {path.name}" for path in targets), *(f"next: {s}" for s in following)]
        ),
    )
