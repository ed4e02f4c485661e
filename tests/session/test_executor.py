"""Asyncio tasks that wait do not delay those that have nothing to wait for."""

from __future__ import annotations

import asyncio
import threading

from zendesk_orm import Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.session.threads import MAX_THREADS


class HeldClock(VirtualClock):
    """A clock whose waits last until an event is set."""

    def __init__(self):
        super().__init__()
        self.released, self.waiting = threading.Event(), threading.Semaphore(0)

    def wait(self, event, seconds):
        """Wait for the release, and let the time pass."""
        self.waiting.release()
        assert self.released.wait(30)
        super().wait(event, seconds)


def test_waiting_tasks_do_not_delay_others():
    """More tasks than threads wait for a rate limit; another one is sent nevertheless."""
    clock = HeldClock()
    emulator = Emulator(clock=clock, requests_per_minute=700, endpoint_limits=True)
    emulator.connect(endpoint_limits={"search-index": 1})
    number = MAX_THREADS + 8

    async def search(position):
        return await Ticket.objects.search(f"word{position}").afirst()

    async def run():
        tasks = [asyncio.create_task(search(position)) for position in range(number)]
        for _ in range(number - 1):
            assert await asyncio.to_thread(clock.waiting.acquire, timeout=30)
        users = await asyncio.wait_for(User.objects.fresh().acount(), 30)
        for task in tasks:
            task.cancel()
        clock.released.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return users

    assert asyncio.run(run()) >= 1


def test_no_more_tasks_work_than_there_are_threads():
    """At most 32 tasks send requests at the same time."""
    emulator = Emulator()
    account = emulator.connect()
    working, most, lock = [], [], threading.Lock()
    barrier = threading.Barrier(MAX_THREADS, timeout=30)
    send = account.transport.send

    def count(request):
        with lock:
            working.append(request)
            most.append(len(working))
        barrier.wait()
        with lock:
            working.pop()
        return send(request)

    account.transport.send = count

    async def run():
        await asyncio.gather(*(User.objects.fresh().acount() for _ in range(2 * MAX_THREADS)))

    asyncio.run(run())

    assert max(most) <= MAX_THREADS
