"""The same count on a Dask cluster: its workers read parts of the history and count them.

Sums merge in any order, and Dask counts a part again whose worker is lost, so the answer does not
depend on who counted what. Workers need Tieline and the files, under the same paths.
"""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from distributed import Client, KilledWorker, as_completed

from tieline.errors import NetworkError
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.report import Simulation
from tieline.rules.simulation.tally import Tally
from tieline.services.simulating.simulation import Counting
from tieline.store.history.part import PART_ROWS, Part, history_parts

CONNECT_SECONDS = 10


def simulate_on_cluster(
    question: Question,
    history: Path,
    *,
    scheduler: str,
    part_rows: int = PART_ROWS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Simulation:
    """Count as `simulate` does, on the workers of the scheduler at `tcp://host:port`.

    `progress` is told how many parts are counted, of how many.

    Raises:
        InvalidInput: the history cannot be read.
        NetworkError: no scheduler answers there, or counting one part kills every worker.
    """
    start = perf_counter()
    parts = history_parts(history.absolute(), rows=part_rows)
    total = Counting(question).nothing()
    try:
        client = Client(  # type: ignore[no-untyped-call]  # distributed has no types
            scheduler, timeout=CONNECT_SECONDS, set_as_default=False
        )
    except OSError as exc:
        raise NetworkError(f"no Dask scheduler answers at {scheduler}") from exc
    with client:
        counted = client.map(count_part, parts, question=question, pure=False)
        results = as_completed(  # type: ignore[no-untyped-call]  # distributed has no types
            counted, with_results=True, loop=client.loop
        )
        try:
            for done, (_, tally) in enumerate(results, 1):
                total += tally
                progress(done, len(parts))
        except KilledWorker as exc:
            raise NetworkError("a part of the history was lost with worker after worker") from exc
    return Simulation(question, total, (perf_counter() - start) * 1000)


def count_part(part: Part, *, question: Question) -> Tally:
    """What a worker does: read one part and count it."""
    counting = Counting(question)
    total = counting.nothing()
    for piece in part.pieces(counting.decoder):
        total += counting.count(piece)
    return total
