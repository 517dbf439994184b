import io
import logging

from tieline.observe.logs import configure_logs, logger


def test_lines_are_masked_where_nobody_gave_a_scrub() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    level = root.level
    configure_logs(form="json", level=logging.INFO, stream=stream)
    try:
        logger("test").info("told ann.lee@example.org", header="Bearer abcdefgh1234")
        logging.getLogger("another.library").warning("password=%s", "hunter22")
    finally:
        root.handlers = [h for h in root.handlers if h.get_name() != "tieline"]
        root.setLevel(level)

    said = stream.getvalue()
    assert "[email:" in said
    assert not any(secret in said for secret in ("ann.lee", "abcdefgh1234", "hunter22"))
