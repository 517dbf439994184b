from pathlib import Path

import canaries

# Not one of the real canaries: the scan of a whole session must not find this test's own files.
PLANTED = b"planted-by-this-test"


def test_a_secret_in_any_file_is_found_and_named(tmp_path: Path) -> None:
    (tmp_path / "state" / "audit").mkdir(parents=True)
    (tmp_path / "state" / "audit" / "00000.jsonl").write_bytes(b'{"x": "planted-by-this-test"}\n')
    (tmp_path / "serve.log").write_bytes(b"nothing to see")

    assert list(canaries.leaks(tmp_path, [PLANTED])) == ["state/audit/00000.jsonl holds planted-…"]


def test_a_file_that_is_meant_to_hold_it_is_no_leak(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    for name in (".env", "tieline.toml", "ready.json", "webhooks.sqlite3-wal", "tokens/t.json"):
        (tmp_path / name).write_bytes(b"planted-by-this-test")

    assert list(canaries.leaks(tmp_path, [PLANTED])) == []
