"""From an outside service's raw answer to the action's output: JSONPath, defaults, template.

Order and null rules as the platform documents them: a path that finds nothing takes its default;
a null that is found does not; a found value is inserted as JSON text, strings with their quotes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from jsonpath import JSONPathError
from jsonpath import compile as compile_path

from tieline.contracts.velocity import Template, TemplateError
from tieline.types import Json

WHOLE_ANSWER = "${rawResult}"
# The platform's paths may be definite (`$.a.b`) or not (`$.a[*].b`); only the latter give lists.
INDEFINITE = re.compile(r"\.\.|\*|\?|:|,")


@dataclass(frozen=True, slots=True)
class Translation:
    """The `response` part of an action's configuration, compiled."""

    paths: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    template: str = WHOLE_ANSWER

    def check(self) -> None:
        """Read every path and the template once.

        Raises:
            TemplateError: one of them cannot be read; the message names it.
        """
        Template(self.template)
        for name, path in self.paths.items():
            _compiled(name, path)

    def apply(self, raw: str) -> Json:
        """Translate the raw answer.

        Raises:
            TemplateError: the answer is no JSON, or what the template prints is none.
        """
        values: dict[str, Any] = {"rawResult": raw}
        if self.paths:
            answer = _parsed(raw, "the outside service's answer")
            values.update({n: self._value(n, p, answer) for n, p in self.paths.items()})
        printed = Template(self.template).render(values)
        return _parsed(printed, "what the success template printed")

    def _value(self, name: str, path: str, answer: Json) -> str | None:
        found = _compiled(name, path).findall(answer)
        if not found:
            return self.defaults.get(name)
        value = found if INDEFINITE.search(path) else found[0]
        return orjson.dumps(value).decode()


def _compiled(name: str, path: str) -> Any:
    try:
        return compile_path(path)
    except JSONPathError as exc:
        raise TemplateError(f"translationMap.{name}: {path!r} is no JSONPath: {exc}") from exc


def _parsed(text: str, what: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise TemplateError(
            f"{what} is not JSON: {exc}", hint="see it with `tieline actions build --render`"
        ) from exc
