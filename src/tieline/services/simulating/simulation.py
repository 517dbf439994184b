"""Simulating a rule set on a history of any size: a reader, a few threads, one sum."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, thread_time_ns

from tieline.rules.simulation.batch import Batch, Piece
from tieline.rules.simulation.columns import Chunk
from tieline.rules.simulation.decoder import Decoder
from tieline.rules.simulation.engine import Engine
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.report import Simulation
from tieline.rules.simulation.tally import Tally
from tieline.store.history.source import absent_columns, history_files, history_pieces

# numpy and Arrow let go of the interpreter's lock while they compute.
THREADS = 2
# Pieces read ahead of a free thread: memory is theirs, whatever the size of the history.
READ_AHEAD = 1


def simulate(question: Question, history: Path, *, threads: int = THREADS) -> Simulation:
    """Count what the rules would have done to every record of a file, or of a folder of files.

    Raises:
        InvalidInput: the history cannot be read; nothing is counted then.
    """
    start = perf_counter()
    counting = Counting(question)
    total = counting.nothing()
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Tally]] = deque()
        for piece in _pieces(history, counting.decoder):
            waiting.append(pool.submit(counting.count, piece))
            if len(waiting) > threads + READ_AHEAD:
                total += waiting.popleft().result()
        for counted in waiting:
            total += counted.result()
    return Simulation(question, total, (perf_counter() - start) * 1000)


def absent_fields(question: Question, history: Path) -> tuple[str, ...]:
    """Fields of the rules that no record can have, for the history has no such column.

    Raises:
        InvalidInput: it is no history.
    """
    return absent_columns(history, Decoder(question).names)


class Counting:
    """Decodes and counts pieces of a history for one question, in any thread and any order."""

    def __init__(self, question: Question) -> None:
        self.decoder = Decoder(question)
        self._engine = Engine(question.ruleset, ticks=thread_time_ns, against=question.against)

    def nothing(self) -> Tally:
        """The count of no records."""
        return Tally(len(self._engine.program.rules))

    def count(self, piece: Piece) -> Tally:
        """Decode one piece and count it."""
        total = self.nothing()
        for batch in piece():
            total += self._counted(batch)
        return total

    def takes(self, chunk: Chunk) -> list[int]:
        """How many records each rule takes, and nothing else."""
        return self._engine.takes(chunk)

    def _counted(self, batch: Batch) -> Tally:
        tally = self._engine.count(batch.chunk, record_at=batch.record_at, hours=batch.hours)
        tally.records += batch.unread
        tally.invalid += batch.unread
        tally.invalid_rows = list(batch.problems)
        return tally


def _pieces(history: Path, decoder: Decoder) -> Iterator[Piece]:
    for file in history_files(history):
        yield from history_pieces(file, decoder)
