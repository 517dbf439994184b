"""Hostile handlers, as the user who runs the suite and as the other kind; see `hostile_corpus`."""

import json
import os
from pathlib import Path

import another_user
import hostile_corpus
import pytest

HERE = Path(__file__).parent
CORPORA = {"python": HERE / "corpus_python", "node": HERE / "corpus_node"}


@pytest.mark.parametrize("language", CORPORA)
async def test_hostile_handlers_reach_nothing_and_leave_nothing(language: str) -> None:
    assert await hostile_corpus.campaign(CORPORA[language]) == []


@pytest.mark.parametrize("language", CORPORA)
def test_the_same_holds_for_the_other_kind_of_user(language: str) -> None:
    if not another_user.is_possible():
        assert "CI" not in os.environ
        return

    found = another_user.run([hostile_corpus.__file__, str(CORPORA[language])])

    assert json.loads(found) == []


@pytest.mark.campaign
@pytest.mark.parametrize("language", CORPORA)
async def test_the_same_holds_inside_namespaces(language: str) -> None:
    assert await hostile_corpus.campaign(CORPORA[language], "hardened") == []


@pytest.mark.parametrize(("language", "least"), [("python", 60), ("node", 45)])
def test_the_corpora_are_as_large_as_promised(language: str, least: int) -> None:
    assert len(list(CORPORA[language].iterdir())) >= least
