"""The three doors, bus, jobs and limits, keep the same promises in one process and through Redis."""

import asyncio
from uuid import uuid4

import pytest

from backend.core.bus import WAITING_SIGNALS, BusUnavailable, RedisBus, Signal, make_bus
from backend.core.jobs import Jobs
from backend.core.limits import Limits, Rate
from tests.runtime.conftest import RedisServer, eventually, run


def test_a_signal_reaches_every_subscriber_of_its_channel_and_no_other(redis_url: str | None) -> None:
    async def story() -> None:
        mine, yours = f"user:{uuid4()}", f"user:{uuid4()}"
        async with make_bus(redis_url) as bus, bus.subscribe([mine, yours]) as both, bus.subscribe([mine]) as one:
            await bus.publish(yours, b"1")
            await bus.publish(mine, b"2")
            assert await anext(both) == Signal(yours, b"1")
            assert await anext(both) == Signal(mine, b"2")
            assert await anext(one) == Signal(mine, b"2")

    run(story())


def test_signals_of_before_and_after_the_subscription_are_not_seen(redis_url: str | None) -> None:
    async def story() -> None:
        channel = f"user:{uuid4()}"
        async with make_bus(redis_url) as bus:
            await bus.publish(channel, b"early")
            async with bus.subscribe([channel]):
                pass
            async with bus.subscribe([channel]) as again:
                await bus.publish(channel, b"now")
                assert (await anext(again)).message == b"now"

    run(story())


def test_a_subscriber_that_falls_behind_is_ended(redis_url: str | None) -> None:
    async def story() -> None:
        channel = f"user:{uuid4()}"
        async with make_bus(redis_url) as bus, bus.subscribe([channel]) as signals, bus.subscribe([channel]) as watch:
            for number in range(WAITING_SIGNALS + 1):
                await bus.publish(channel, str(number).encode())
                assert (await anext(watch)).message == str(number).encode()
            assert len([signal async for signal in signals]) == WAITING_SIGNALS

    run(story())


def test_signals_cross_processes(redis_server: RedisServer) -> None:
    async def story() -> None:
        channel = f"user:{uuid4()}"
        here, there = RedisBus(redis_server.url), RedisBus(redis_server.url)
        async with here, there, here.subscribe([channel]) as signals:
            await there.publish(channel, b"hello")
            assert (await anext(signals)).message == b"hello"

    run(story())


def test_when_redis_dies_subscriptions_end_publishing_passes_and_all_recovers(mortal_redis: RedisServer) -> None:
    async def story() -> None:
        async with RedisBus(mortal_redis.url) as bus:
            async with bus.subscribe(["user:1"]) as signals:
                mortal_redis.stop()
                assert [signal async for signal in signals] == []
            await bus.publish("user:1", b"lost")
            with pytest.raises(BusUnavailable):
                async with bus.subscribe(["user:1"]):
                    pass
            mortal_redis.start()
            await eventually_subscribed(bus)

    run(story())


async def eventually_subscribed(bus: RedisBus) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                async with bus.subscribe(["user:1"]) as signals:
                    await bus.publish("user:1", b"back")
                    assert (await anext(signals)).message == b"back"
                    return
            except BusUnavailable:
                continue


def test_a_wake_up_runs_the_lane_at_once(redis_url: str | None) -> None:
    async def story() -> None:
        ran = asyncio.Event()

        async def look() -> None:
            ran.set()

        async with Jobs(redis_url, name=f"jobs-{uuid4()}") as jobs:
            jobs.lane("relay", look, every=3600)
            async with jobs.working():
                await ran.wait()  # the clock's first look
                ran.clear()
                await jobs.wake("relay")
                await asyncio.wait_for(ran.wait(), 2)

    run(story())


def test_a_wake_up_during_a_run_leads_to_one_run_more_and_never_to_two_at_once(redis_url: str | None) -> None:
    async def story() -> None:
        runs: list[str] = []
        go = asyncio.Event()

        async def look() -> None:
            assert runs.count("begin") == runs.count("end")
            runs.append("begin")
            await go.wait()
            runs.append("end")

        async with Jobs(redis_url, name=f"jobs-{uuid4()}") as jobs:
            jobs.lane("relay", look, every=3600)
            async with jobs.working():
                await eventually(lambda: runs == ["begin"])
                for _ in range(5):
                    await jobs.wake("relay")
                go.set()
                await eventually(lambda: len(runs) >= 4)
                await jobs.wake("relay")
                await eventually(lambda: len(runs) >= 6)
                assert runs == ["begin", "end"] * (len(runs) // 2) and len(runs) <= 14

    run(story())


def test_a_lane_that_fails_looks_again(redis_url: str | None) -> None:
    async def story() -> None:
        looks = 0

        async def look() -> None:
            nonlocal looks
            looks += 1
            raise ValueError("no")

        async with Jobs(redis_url, name=f"jobs-{uuid4()}") as jobs:
            jobs.lane("relay", look, every=0.1)
            async with jobs.working():
                await eventually(lambda: looks >= 3)

    run(story())


def test_a_process_without_lanes_wakes_one_that_has_them(redis_server: RedisServer) -> None:
    async def story() -> None:
        name, looks = f"jobs-{uuid4()}", 0

        async def look() -> None:
            nonlocal looks
            looks += 1

        async with Jobs(redis_server.url, name=name) as api, Jobs(redis_server.url, name=name) as worker:
            worker.lane("relay", look, every=3600)
            async with worker.working():
                await eventually(lambda: looks == 1)
                await api.wake("relay")
                await eventually(lambda: looks == 2)

    run(story())


def test_waking_never_fails(mortal_redis: RedisServer) -> None:
    async def story() -> None:
        async with Jobs(mortal_redis.url, name="mortal") as jobs:
            mortal_redis.stop()
            await jobs.wake("relay")

    run(story())


def test_the_limit_refuses_with_the_time_to_wait_per_name_and_key(redis_url: str | None) -> None:
    async def story() -> None:
        limits, key, rate = Limits(redis_url), str(uuid4()), Rate(2, 60)
        assert [await limits.hit("code", key, rate) for _ in range(2)] == [None, None]
        wait = await limits.hit("code", key, rate)
        assert wait is not None and 50 <= wait <= 60
        assert await limits.hit("sign_in", key, rate) is None
        assert await limits.hit("code", str(uuid4()), rate) is None
        await limits.forget("code", key, rate)
        assert await limits.hit("code", key, rate) is None
        await limits.close()

    run(story())


def test_without_redis_reading_goes_on_and_sign_in_does_not(mortal_redis: RedisServer) -> None:
    async def story() -> None:
        limits = Limits(mortal_redis.url)
        mortal_redis.stop()
        assert await limits.hit("read", "somebody", Rate(5, 60)) is None
        assert await limits.hit("sign_in", "somebody", Rate(5, 60, closed=True)) == 30
        await limits.close()

    run(story())
