"""A decision table on the emulator, driven by plain requests; columns are named, not numbered."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator_driver import QUEUE, Driver, Got

SCHEMAS = "/api/v2/businessrules/schemas"
TABLES = "/api/v2/businessrules/decisiontables"
HOME = "2e9c1f4a-8b3d-4c6e-9a7f-1d0b5e8c2f00"
LITERALS = {"enum": "string", "stringList": "strings", "businessRulesQueue": "string"}


def attribute(core: str, **constraints: Any) -> dict[str, Any]:
    return {
        "allOf": [{"$ref": f"#/definitions/{core}"}],
        "title": core,
        "description": "",
        **constraints,
    }


def input_column(key: str, comparator: str, default: Any = None) -> dict[str, Any]:
    path: dict[str, Any] = {"schemaPropertyKey": key}
    if key == "queue":
        inner = {"schemaPropertyKey": "queue", "contractual": {"schemaPropertyKey": "id"}}
        path["contractual"] = inner
    return {
        "defaultsTo": {"special": "Wildcard"} if default is None else default,
        "expression": {"contractual": path, "comparator": comparator},
    }


def output_column(key: str, default: Any = None) -> dict[str, Any]:
    value: dict[str, Any] = {"schemaPropertyKey": key}
    if key == "queue":
        inner = {"schemaPropertyKey": "queue", "properties": [{"schemaPropertyKey": "id"}]}
        value["properties"] = [inner]
    return {"defaultsTo": {"special": "Null"} if default is None else default, "value": value}


def literal(core: str, value: Any) -> dict[str, Any]:
    """A cell of a value; `{"special": …}` stays as it is."""
    if isinstance(value, dict):
        return {"literal": value}
    return {"literal": {LITERALS.get(core, core): value}}


class Routed:
    """Tiers and waits to queues: `tier Equals`, `wait GreaterThanOrEquals` → `queue`, `note`."""

    PROPERTIES: Mapping[str, Any] = {
        "tier": attribute("enum", enum=["gold", "silver"], _enumProperties={}),
        "wait": attribute("integer", minimum=0, maximum=3600),
        "queue": attribute("businessRulesQueue"),
        "note": attribute("string"),
    }
    INPUTS = (("tier", "Equals"), ("wait", "GreaterThanOrEquals"))
    OUTPUTS = ("queue", "note")


class TableDriver:
    """One table: its id, its columns' ids, and calls on its versions."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.schema_id = ""
        self.id = ""
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        self.cores: list[str] = []

    async def make(
        self,
        properties: Mapping[str, Any] = Routed.PROPERTIES,
        inputs: Sequence[tuple[str, str]] = Routed.INPUTS,
        outputs: Sequence[str] = Routed.OUTPUTS,
        name: str = "Routing",
    ) -> "TableDriver":
        got = await self.driver.post(
            SCHEMAS, {"jsonSchema": {"title": name, "type": "object", "properties": properties}}
        )
        assert got.status == 200, got.raw
        self.schema_id = got.json["id"]
        got = await self.driver.post(TABLES, self.request(inputs, outputs, name))
        assert got.status == 200, got.raw
        self.id = got.json["id"]
        columns = got.json["columns"]
        self.inputs = [column["id"] for column in columns["inputs"]]
        self.outputs = [column["id"] for column in columns["outputs"]]
        keys = [key for key, _ in inputs] + list(outputs)
        self.cores = [properties[key]["allOf"][0]["$ref"].split("/")[-1] for key in keys]
        return self

    def request(
        self, inputs: Sequence[tuple[str, str]], outputs: Sequence[str], name: str = "Routing"
    ) -> dict[str, Any]:
        return {
            "name": name,
            "divisionId": HOME,
            "schemaId": self.schema_id,
            "columns": {
                "inputs": [input_column(*each) for each in inputs],
                "outputs": [output_column(key) for key in outputs],
            },
        }

    def row(self, inputs: Sequence[Any], outputs: Sequence[Any] = (QUEUE,)) -> dict[str, Any]:
        """Cells by position; None leaves a column to its default."""
        count = len(self.inputs)
        return {
            "inputs": {
                column: literal(core, value)
                for column, core, value in zip(self.inputs, self.cores, inputs, strict=False)
                if value is not None
            },
            "outputs": {
                column: literal(core, value)
                for column, core, value in zip(
                    self.outputs, self.cores[count:], outputs, strict=False
                )
                if value is not None
            },
        }

    def path(self, rest: str = "", version: int | None = 1) -> str:
        base = f"{TABLES}/{self.id}"
        return f"{base}{rest}" if version is None else f"{base}/versions/{version}{rest}"

    async def get(self, rest: str = "", version: int | None = 1) -> Got:
        return await self.driver.get(self.path(rest, version))

    async def post(self, rest: str, body: Any = None, version: int | None = 1) -> Got:
        return await self.driver.post(self.path(rest, version), body)

    async def send(self, method: str, rest: str, body: Any = None, version: int | None = 1) -> Got:
        return await self.driver.send(method, self.path(rest, version), body)

    async def add(self, *rows: Sequence[Any], version: int = 1) -> list[str]:
        """Append rows, each the values of its inputs, then of its outputs when it has more."""
        count = len(self.inputs)
        ids: list[str] = []
        for values in rows:
            row = self.row(values[:count], values[count:] or (QUEUE,))
            got = await self.post("/rows", row, version)
            assert got.status == 200, got.raw
            ids.append(got.json["id"])
        return ids

    async def publish(self, version: int = 1) -> Got:
        """Publish once the rows have settled."""
        self.driver.app.clock.advance(1)
        return await self.send("PUT", "/publish", None, version)

    async def execute(self, inputs: Any, version: int | None = None) -> Got:
        return await self.post("/execute", {"inputs": inputs}, version)

    async def order(self, version: int = 1) -> list[str]:
        got = await self.get("/rows?pageSize=100", version)
        return [row["id"] for row in got.json["entities"]]
