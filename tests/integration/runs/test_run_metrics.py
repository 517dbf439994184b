"""`tieline metrics` shows how far the runs of a state directory are."""

from contextlib import closing
from pathlib import Path

from tieline.runs.item import NewItem
from tieline.runs.run import RunSpec
from tieline.services.state_reading.metrics import metrics_of
from tieline.store.ledger import loading
from tieline.store.ledger.ledger import FILE_NAME
from tieline.store.ledger.sqlite_database import SqliteDatabase


def test_a_runs_items_are_shown_by_state(tmp_path: Path) -> None:
    with closing(SqliteDatabase(tmp_path / FILE_NAME)) as database:
        spec = RunSpec(kind="flow", target_id="f", name="n")
        items = [NewItem(line=n, text="{}") for n in range(1, 8)]
        loading.load(database, loading.Loading("r1", spec, lambda: None), items)

    text = metrics_of(tmp_path).openmetrics()

    assert 'tieline_run_items{run="r1",state="pending"} 7' in text
    assert 'tieline_run_items{run="r1",state="uncertain"} 0' in text


def test_a_state_directory_without_runs_has_none(tmp_path: Path) -> None:
    assert "tieline_run_items{" not in metrics_of(tmp_path).openmetrics()
