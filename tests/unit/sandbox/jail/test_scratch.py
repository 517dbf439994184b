import os
from pathlib import Path

from tieline.sandbox.jail import scratch


def test_a_folder_is_removed_with_all_it_holds_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folder = Path(scratch.make(str(tmp_path)))
    (folder / "a/b/c").mkdir(parents=True)
    (folder / "a/b/file").touch()
    (folder / "link").symlink_to(outside)
    (folder / "a/b/link").symlink_to(outside)
    (folder / "a/b").chmod(0)

    scratch.remove(str(folder))

    assert list(tmp_path.iterdir()) == [outside]
    assert (outside / "kept").exists()


def test_a_folder_deeper_than_any_path_is_removed(tmp_path: Path) -> None:
    folder = scratch.make(str(tmp_path))
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(2_000):
        Path("deep").mkdir()
        os.chdir("deep")
    os.fchdir(here)
    os.close(here)

    scratch.remove(folder)
    scratch.remove(folder)

    assert list(tmp_path.iterdir()) == []
