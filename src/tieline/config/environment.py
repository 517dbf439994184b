"""Values from environment variables and from a `.env` file, by the names people already have."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tieline.config.fields import FIELDS, PROFILE_VARIABLE, Field
from tieline.config.setting import Setting
from tieline.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Overruled:
    """Two names set one field to different values; doctor says which one won."""

    field: str
    winner: str
    loser: str


@dataclass(frozen=True, slots=True)
class Variables:
    """Variables of one place. `place` goes before the name: `environment` or a path of a .env."""

    place: str
    values: Mapping[str, str] = dataclasses.field(repr=False)  # secrets among them

    def setting(self, field: Field) -> Setting | None:
        """The value of the field's first name that is set and not empty."""
        for name in self._set_names(field):
            return Setting(self.values[name], f"{self.place} {name}")
        return None

    def profile(self) -> Setting | None:
        """The profile chosen here, if any."""
        chosen = self.values.get(PROFILE_VARIABLE)
        return Setting(chosen, f"{self.place} {PROFILE_VARIABLE}") if chosen else None

    def overruled(self) -> Iterator[Overruled]:
        """Names that set a field already set differently by an earlier name."""
        for field in FIELDS:
            names = list(self._set_names(field))
            for loser in names[1:]:
                if self.values[loser] != self.values[names[0]]:
                    yield Overruled(field.name, names[0], loser)

    def _set_names(self, field: Field) -> Iterator[str]:
        return (name for name in field.environment if self.values.get(name))


def read_dotenv(path: Path) -> Variables | None:
    """The variables of a `.env` file, without interpolation; None where there is no file.

    They are read, never exported: a child process does not see them.

    Raises:
        ConfigInvalid: the file exists and cannot be read as UTF-8 text, or a line of it is no
            assignment; the line itself is not told, it may hold a secret.
    """
    if not path.is_file():
        return None
    from dotenv.parser import parse_stream  # noqa: PLC0415  # only where there is such a file

    try:
        text = path.read_text("utf-8-sig")
    except OSError as exc:
        raise ConfigInvalid(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigInvalid(
            f"{path}: is not UTF-8 text (byte {exc.start})", hint="save it as UTF-8"
        ) from exc
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise ConfigInvalid(
                f"{path}:{binding.original.line}: is no assignment",
                hint="write NAME=value, or put # before what is a comment",
            )
        if binding.key is not None and binding.value:
            values[binding.key] = binding.value
    return Variables(str(path), values)
