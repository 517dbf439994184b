"""A made-up October of 100,000 conversations for technical-support.yaml, the same every time.

python make_history.py october.parquet
tieline rules simulate technical-support.yaml --history october.parquet
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

RECORDS = 100_000
SKILLS = ("technical_support", "billing", "sales", "returns")
SCHEMA = pa.schema(
    [
        ("conversation_start", pa.timestamp("ms", "UTC")),
        ("skill", pa.list_(pa.string())),
        ("language", pa.string()),
        ("priority", pa.int64()),
        ("vip_flag", pa.bool_()),
    ]
)


def conversation(chance: random.Random, start: datetime) -> dict[str, Any]:
    """One conversation; attributes that a real flow did not set are missing here too."""
    return {
        "conversation_start": start,
        "skill": chance.sample(SKILLS, chance.choice((1, 1, 1, 2))),
        "language": chance.choice(("en", "en", "en", "de", "fr", None)),
        "priority": chance.choice((None, *range(11))),
        "vip_flag": chance.choice((None, False, False, False, True)),
    }


def main(path: Path) -> None:
    chance = random.Random(2026)  # noqa: S311  # the same history every time
    october = datetime(2026, 10, 1, tzinfo=UTC)
    seconds = sorted(chance.uniform(0, 31 * 86_400) for _ in range(RECORDS))
    rows = [conversation(chance, october + timedelta(seconds=second)) for second in seconds]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
    print(f"{path}: {RECORDS:,} conversations")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
