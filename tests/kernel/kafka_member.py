"""Prints what it takes from a log until it is killed: `python -m tests.kernel.kafka_member URL GROUP`."""

import asyncio
import sys

from services.kernel.eventlog_url import open_log


async def main(url: str, group: str) -> None:
    follower = await (await open_log(url)).follow(group)
    while True:
        entries = await follower.fetch(1, 0.5)
        for entry in entries:
            if entry.record:
                print(entry.record.case_id, entry.record.seq, flush=True)
        await follower.done(entries)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
