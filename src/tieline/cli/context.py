"""What every command takes: output mode, profile, state directory. And what it gets from them."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter
from cyclopts.validators import Number

from tieline.cli.output import Output

if TYPE_CHECKING:
    from tieline.config.profile import Profile

_EVERYWHERE = Group("Everywhere", sort_key=100)

Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65535))]
"""Type of a `--port` to listen on; 0 takes a free one."""

Flag = Annotated[bool, Parameter(negative="", show_default=False)]
"""A switch: off unless it is given."""


@Parameter(name="*", group=_EVERYWHERE)
@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of every command. Take it as the last, keyword-only parameter."""

    json: Flag = False
    """Print one JSON document on stdout instead of text."""

    profile: str | None = None
    """Profile of tieline.toml to use."""

    state_dir: Path | None = None
    """Where ledgers, audit log and caches are kept."""

    quiet: Annotated[Flag, Parameter(name=["--quiet", "-q"])] = False
    """No progress and no notes on stderr."""

    verbose: Annotated[
        bool, Parameter(name=["--verbose", "-v"], negative="", show_default=False)
    ] = False
    """Say more on stderr; show the traceback of an error."""

    @property
    def output(self) -> Output:
        """Where the command's result and notes go."""
        return Output(mode="json" if self.json else "text", quiet=self.quiet)

    def load_profile(self) -> "Profile":
        """Read the configuration, `--profile` and `--state-dir` first.

        Raises:
            ConfigInvalid: a value is missing or wrong; names its file, line and field.
        """
        from tieline.config.load import load_profile

        return load_profile(self.profile, overrides=self.overrides())

    def load_state_dir(self) -> Path:
        """The state directory alone; works without a region or credentials.

        Raises:
            ConfigInvalid: a configured value is wrong.
        """
        from tieline.config.load import load_state_dir

        return load_state_dir(self.profile, overrides=self.overrides())

    def overrides(self) -> dict[str, str]:
        """What the command line sets of the profile's fields."""
        return {} if self.state_dir is None else {"state_dir": str(self.state_dir.absolute())}


@Parameter(name="*", group=_EVERYWHERE)
@dataclass(frozen=True, kw_only=True)
class ListOptions(Options):
    """The options of a command whose result is a list."""

    jsonl: Flag = False
    """Print one JSON document a line, a line a record."""

    @property
    def output(self) -> Output:
        """Where the command's records and notes go; `--jsonl` wins over `--json`."""
        if not self.jsonl:
            return super().output
        return dataclasses.replace(super().output, mode="jsonl")


DEFAULT = Options()
DEFAULT_LIST = ListOptions()
