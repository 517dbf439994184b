# expect: wall
# wall: 0.4
import asyncio


async def handler(event, context):
    await asyncio.Event().wait()
