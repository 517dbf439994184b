from tieline.sandbox.jail.logs import LogCollector


def collected(
    *writes: tuple[str, bytes], most_bytes: int = 1_000, most_lines: int = 100
) -> tuple[str | None, list[tuple[str, str]]]:
    logs = LogCollector(most_bytes=most_bytes, most_lines=most_lines)
    breach = None
    for stream, content in writes:
        getattr(logs, stream).send(content)
        breach = breach or logs.drain()
    lines = list(logs.lines())
    logs.close_senders()
    logs.close()
    return breach, lines


def test_lines_of_both_streams_keep_the_order_they_were_written_in() -> None:
    breach, lines = collected(
        ("stdout", b"a\nb"), ("stderr", b"!"), ("stdout", b"c\n"), ("stdout", b"d")
    )

    assert breach is None
    assert lines == [
        ("stdout", "a\n"),
        ("stdout", "b"),
        ("stderr", "!"),
        ("stdout", "c\n"),
        ("stdout", "d"),
    ]


def test_a_character_cut_between_two_writes_is_whole_again() -> None:
    _, lines = collected(("stdout", "é".encode()[:1]), ("stdout", "é".encode()[1:]))

    assert lines == [("stdout", "é")]


def test_too_many_bytes_are_a_breach_and_exactly_the_limit_is_kept() -> None:
    breach, lines = collected(("stdout", b"x" * 600), ("stderr", b"y" * 600))

    assert breach == "more than 1000 bytes of output"
    assert lines == [("stdout", "x" * 600), ("stderr", "y" * 400)]


def test_exactly_the_limit_is_no_breach() -> None:
    assert collected(("stdout", b"x" * 1_000))[0] is None


def test_too_many_lines_are_a_breach() -> None:
    assert collected(("stdout", b"\n" * 101))[0] == "more than 100 lines of output"
