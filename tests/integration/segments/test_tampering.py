import random
import shutil
from pathlib import Path

import pytest
from tampering import RECORDS, TAMPERINGS, make_log

from tieline.store.segments.verify import verify_log


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "log"
    make_log(folder)
    return folder


def test_an_untouched_log_has_no_problem(template: Path) -> None:
    found = verify_log(template)

    assert (found.ok, found.records, found.segments) == (True, RECORDS, 3)
    assert (found.size, found.unsigned) == (RECORDS, 0)


def tamper_and_verify(template: Path, scratch: Path, seed: int) -> None:
    copy = scratch / str(seed)
    shutil.copytree(template, copy)
    tamper = TAMPERINGS[seed % len(TAMPERINGS)]

    expected = tamper(copy, random.Random(seed))  # noqa: S311  # repeatable, not secret

    found = verify_log(copy)
    assert expected.met_by(found), f"{tamper.__name__} {seed}: {expected}, found {found.problems}"
    shutil.rmtree(copy)


@pytest.mark.parametrize("share", range(5))
def test_a_thousand_tamperings_are_found_and_located(
    template: Path, tmp_path: Path, share: int
) -> None:
    for seed in range(share * 200, (share + 1) * 200):
        tamper_and_verify(template, tmp_path, seed)


@pytest.mark.campaign
def test_ten_thousand_tamperings_are_found_and_located(template: Path, tmp_path: Path) -> None:
    for seed in range(10_000, 20_000):
        tamper_and_verify(template, tmp_path, seed)
