"""Background work: which lanes exist, and the process that does nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

import notifications.worker
from backend.attendance import tasks as attendance_tasks
from backend.core import services as core_services
from backend.core.services import Services
from backend.core.settings import settings
from backend.enrolment import tasks as enrolment_tasks
from backend.eservices import tasks as eservices_tasks
from backend.files import tasks as files_tasks
from backend.leave import tasks as leave_tasks


def register(services: Services) -> Callable[[], Awaitable[None]]:
    """Register every lane of this process; returns what closes their outside connections when the work has ended."""
    courier = notifications.worker.register(services.jobs, services.database, services.bus)
    enrolment_tasks.register(services.jobs, services.database, services.bus)
    attendance_tasks.register(services.jobs, services.database)
    leave_tasks.register(services.jobs, services.database)
    eservices_tasks.register(services.jobs, services.database)
    files_tasks.register(services.jobs, services.database, services.store)
    return courier.close


async def work(stop: asyncio.Event) -> None:
    """Run the lanes until `stop` is set."""
    async with core_services.opened(settings()) as services:
        close = register(services)
        try:
            async with services.jobs.working():
                await stop.wait()
        finally:
            await close()
