"""What goes into a function's zip, and that the same input is the same bytes."""

import json
import random

import pytest
from function_zips import BAD, GOOD, zipped
from hypothesis import given
from hypothesis import strategies as st

from tieline.contracts.function_archive import read_archive
from tieline.deployments.function_package import (
    build_package,
    digest_of,
    find_entry,
    is_left_out,
    read_dependencies,
    ready_made_package,
)
from tieline.errors import InvalidInput

HANDLER = "src/index.handler"
NAMES = st.text("abcxyz", min_size=1, max_size=6)
FILES = st.dictionaries(NAMES.map("src/{}.js".format), st.binary(max_size=200), max_size=6)


@given(FILES, st.randoms(use_true_random=False))
def test_the_same_files_in_any_order_are_the_same_bytes(
    files: dict[str, bytes], chance: random.Random
) -> None:
    whole = {**files, **GOOD}
    shuffled = list(whole.items())
    chance.shuffle(shuffled)

    one, other = (
        build_package(whole, handler=HANDLER),
        build_package(dict(shuffled), handler=HANDLER),
    )

    assert one == other
    assert dict(read_archive(one.content).read()) == whole


@given(FILES, FILES)
def test_packages_have_one_digest_exactly_when_their_files_are_equal(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_a_zip_that_somebody_else_made_has_the_digest_of_its_files() -> None:
    package = ready_made_package(zipped(), handler=HANDLER)

    assert package.digest == build_package(GOOD, handler=HANDLER).digest


@pytest.mark.parametrize("make", [case[1] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_zip_is_refused_before_it_is_uploaded(make) -> None:  # noqa: ANN001  # a maker
    with pytest.raises(InvalidInput):
        ready_made_package(make(), handler=HANDLER)


def test_a_handler_that_is_not_packaged_is_refused_with_what_was_looked_for() -> None:
    with pytest.raises(InvalidInput, match=r"lib/main\.js, lib/main\.mjs"):
        build_package(GOOD, handler="lib/main.handler")


def test_the_uploads_name_has_only_characters_the_platform_takes() -> None:
    package = build_package(GOOD, handler=HANDLER)

    assert package.file_name("Kundendaten prüfen/2") == (
        f"Kundendaten-pr-fen-2-{package.digest[:16]}.zip"
    )


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("src/index.js", False),
        (".git/config", True),
        ("tests/test_index.js", True),
        ("src/index.test.js", True),
        (".env", True),
        (".env.production", True),
        ("function.yaml", True),
        ("node_modules/.bin/tsc", True),
        ("node_modules/a/node_modules/.cache/x", True),
        ("node_modules/a/test/index.js", False),
        ("fixtures/big.json", True),
        ("src/fixtures/big.json", False),
        ("notes.md", True),
        ("src/notes.md", True),
    ],
)
def test_what_no_function_needs_stays_out(path: str, out: bool) -> None:
    assert is_left_out(path, ["fixtures/*", "*.md"]) is out


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        (("src/index.mjs", "index.js"), "src/index.handler"),
        (("index.js",), "index.handler"),
        (("main.py",), None),
    ],
)
def test_the_entry_is_found_in_the_platforms_layout_first(
    files: tuple[str, ...], entry: str | None
) -> None:
    assert find_entry(files) == entry


def test_dependencies_come_from_the_lock_without_those_of_development() -> None:
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"a": "1"}},
            "node_modules/a": {"version": "1.0.0"},
            "node_modules/jest": {"version": "1.0.0", "dev": True},
            "node_modules/fsevents": {"version": "1.0.0", "optional": True},
        },
    }

    found = read_dependencies(b'{"dependencies": {"b": "1"}}', json.dumps(lock).encode())
    unlocked = read_dependencies(b'{"dependencies": {"@x/b": "1"}}', None)

    assert (found.needed, found.development) == (("node_modules/a",), ("node_modules/jest",))
    assert unlocked.needed == ("node_modules/@x/b",)
    assert read_dependencies(None, None).needed == ()


def test_a_manifest_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"package\.json is no JSON"):
        read_dependencies(b"{", None)
