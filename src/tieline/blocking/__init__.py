"""The blocking client: generated from the asynchronous one, which it drives on one thread."""

from tieline.blocking.client import Client as Client
from tieline.blocking.execution import Execution as Execution
