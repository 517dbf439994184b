"""A zip is judged before it is unpacked; what is refused is never decompressed."""

import tracemalloc
from collections.abc import Callable

import pytest
from function_zips import BAD, DAMAGED, GOOD, zipped
from hypothesis import given
from hypothesis import strategies as st

from tieline.contracts.function_archive import ArchiveRefused, handler_file, read_archive


@pytest.mark.parametrize(
    ("make", "fault"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_a_bad_zip_is_refused_and_says_what_kind_of_bad(
    make: Callable[[], bytes], fault: str
) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(make())

    assert (refused.value.fault, bool(refused.value.message)) == (fault, True)


def test_a_directory_of_a_million_entries_is_refused_without_being_read() -> None:
    content = next(make for name, make, _ in BAD if name == "a million entries")()

    tracemalloc.start()
    with pytest.raises(ArchiveRefused):
        read_archive(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1_000_000


def test_a_good_zip_gives_its_files_back() -> None:
    archive = read_archive(zipped())

    assert dict(archive.read()) == GOOD


def test_a_damaged_entry_is_found_when_it_is_read() -> None:
    archive = read_archive(DAMAGED())

    with pytest.raises(ArchiveRefused) as refused:
        list(archive.read())

    assert refused.value.fault == "file"


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_judged_and_never_break_the_reader(content: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        read_archive(content)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_zip_with_a_wrong_byte_is_read_or_refused(place: int, value: int) -> None:
    content = bytearray(zipped())
    content[place % len(content)] = value

    try:
        found = dict(read_archive(bytes(content)).read())
    except ArchiveRefused:
        return
    assert all(name.isprintable() and ".." not in name.split("/") for name in found)


@pytest.mark.parametrize(
    ("handler", "file"),
    [
        ("src/index.handler", "src/index.mjs"),
        ("index.handler", None),
        ("src/index", None),
        (".handler", None),
        ("src/index.", None),
    ],
)
def test_a_handler_names_a_file_without_its_suffix(handler: str, file: str | None) -> None:
    assert handler_file(handler, ("src/index.mjs", "package.json")) == file
