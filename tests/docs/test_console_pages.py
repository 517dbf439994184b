"""What the how-to pages show of a terminal is what the commands print."""

from pathlib import Path

import pytest

import console_pages


@pytest.mark.parametrize("path", console_pages.PAGES, ids=lambda path: path.name)
def test_a_page_shows_what_its_commands_print(path: Path) -> None:
    page = path.read_text("utf-8")
    fresh = console_pages.shown(console_pages.run_page(page))

    shown = console_pages.shown(page)
    assert len(shown) > 5
    for one, now in zip(shown, fresh, strict=True):
        assert console_pages.shape(one.output) == console_pages.shape(now.output), (
            f"{one.command}: run `make consoles` and commit the result"
        )


@pytest.mark.parametrize(
    ("page", "group", "verbs"),
    [
        ("audit.md", "audit", ("verify", "search", "prove", "export", "checkpoint", "rotate-key")),
        ("webhooks.md", "webhooks", ("add", "list", "verify", "replay", "deliver", "deliveries")),
    ],
)
def test_a_page_shows_every_command_of_its_group(
    page: str, group: str, verbs: tuple[str, ...]
) -> None:
    commands = [
        one.command for one in console_pages.shown((console_pages.HOW_TO / page).read_text())
    ]

    for verb in verbs:
        assert any(f"tieline {group} {verb}" in command for command in commands), verb


def test_a_change_in_what_is_printed_is_seen_and_a_change_of_ids_is_not() -> None:
    ids = "exec 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11 at 2026-01-31T12:00:00.123Z"
    others = "exec 00000000-8f5d-4c0b-9b59-0d5c8f3f2a11 at 2027-01-31T12:00:00.123Z"

    assert console_pages.shape(ids) == console_pages.shape(others)
    assert console_pages.shape("status  done") != console_pages.shape("status  failed")
