"""The address that a server is to be reached at."""

import pytest

from tieline.errors import ConfigInvalid
from tieline.serving import listening


@pytest.mark.parametrize("port", [65536, -1])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ConfigInvalid, match="ports are 0 to 65535"), listening("127.0.0.1", port):
        pass


def test_a_port_that_is_taken_is_refused() -> None:
    with (
        listening("127.0.0.1", 0) as taken,
        pytest.raises(ConfigInvalid, match="cannot be listened on"),
        listening("127.0.0.1", taken.getsockname()[1]),
    ):
        pass
