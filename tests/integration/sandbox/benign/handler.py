"""What ordinary handlers do: files in scratch, threads, randomness, a few library modules."""

import asyncio
import os
import random
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo


async def handler(event, context):
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("kept")
        file.seek(0)
        scratch = file.read()
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(lambda n: n * n, (1, 2, 3)))
    await asyncio.sleep(0)
    print(uuid.uuid4(), random.random(), datetime.now(ZoneInfo("Europe/Berlin")).year)
    text = f"{os.environ['GREETING']}, {event['name']}"
    return {"text": text, "scratch": scratch, "threads": threads}
