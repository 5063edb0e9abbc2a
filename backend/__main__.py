"""The command line: `nhipcau COMMAND`, or `python -m backend COMMAND`.

Commands only say what happens in which order; `launch.py` knows how processes are put together, `welcome.py` what the
terminal shows. A reason not to start is one sentence and exit status 2, never a traceback.
"""

import asyncio
import base64
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from backend import launch
from backend.core import log
from backend.core.problem import Problem
from backend.core.settings import settings
from backend.postgres import PostgresUnavailable, locked
from backend.welcome import Steps, console, show_accounts, show_address, show_code, steps

cli = typer.Typer(
    name="nhipcau",
    help="Nhịp Cầu: school and home.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Small = Annotated[bool, typer.Option("--small", help="One small school, for trying things out quickly.")]


@cli.command()
def run() -> None:
    """Everything with demonstration data: what `make run` calls."""
    from backend import seed

    with _ready_to_serve() as (dsn, progress):
        if seed.is_empty(dsn):
            progress("Making the demonstration province")
            seed.run(dsn, progress=progress.part)
        progress("Starting the app")

        def welcome() -> None:
            progress.done()
            show_address()
            show_accounts(seed.accounts())
            show_code()

        launch.everything(welcome)


@cli.command()
def serve() -> None:
    """Everything in one process, with the data that is there."""
    with _ready_to_serve() as (_, progress):
        progress("Starting the app")

        def welcome() -> None:
            progress.done()
            show_address()

        launch.everything(welcome)


@cli.command()
def api(workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer requests.")] = 1) -> None:
    """Only requests; needs DATABASE_URL and REDIS_URL."""
    launch.api(workers)


@cli.command()
def worker() -> None:
    """Only background work; needs DATABASE_URL and REDIS_URL."""
    launch.worker()


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    with steps() as progress, launch.database(progress) as dsn:
        progress("Bringing the database up to date")
        launch.migrate(dsn)
        progress.done()


@cli.command()
def seed(small: Small = False) -> None:
    """Fill an empty database with the demonstration province."""
    from backend import seed as province

    with steps() as progress, launch.database(progress) as dsn:
        progress("Bringing the database up to date")
        launch.migrate(dsn)
        if not province.is_empty(dsn):
            raise launch.CannotStart("this database has data already; the demonstration needs an empty one")
        progress("Making the demonstration province")
        province.run(dsn, small=small, progress=progress.part)
        progress.done()
    show_accounts(province.accounts(small=small))


@cli.command()
def schema() -> None:
    """Write backend/schema.graphql."""
    from backend.schema import print_schema

    file = Path(__file__).with_name("schema.graphql")
    file.write_text(print_schema(), encoding="utf-8")
    console.print(f"wrote {file.name}")


@cli.command()
def school(
    code: Annotated[str, typer.Option(help="Official code of the school.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    level: Annotated[str, typer.Option(help="LOWER_SECONDARY or UPPER_SECONDARY.")],
    province: Annotated[tuple[str, str], typer.Option(help="Code and name.", metavar="CODE NAME")],
    commune: Annotated[tuple[str, str], typer.Option(help="Code and name.", metavar="CODE NAME")],
    clerk: Annotated[tuple[str, str], typer.Option(help="First account.", metavar="USERNAME FULL-NAME")],
) -> None:
    """Open a school and its first account; the password is shown once."""
    from backend import opening
    from backend.organisation.tables import Level

    if level not in Level.__members__:
        raise launch.CannotStart(f"level is one of {', '.join(Level.__members__)}")
    with steps() as progress, launch.database(progress) as dsn:
        progress("Opening the school")
        launch.migrate(dsn)
        places = {"province": opening.Place(*province), "commune": opening.Place(*commune)}
        opened = asyncio.run(
            opening.open_school(
                dsn, **places, code=code, name=name, level=Level(level), username=clerk[0], full_name=clerk[1]
            )
        )
        progress.done()
    print(f"user name: {opened.username}\npassword:  {opened.password}")


@cli.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE…")],
    school: Annotated[str, typer.Option(help="Code of the school.")],
    apply: Annotated[bool, typer.Option("--apply", help="Write; without it only tell what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report for machines, on standard output.")] = False,
) -> None:
    """Read pupils, guardians and staff from workbooks. Exit status 1 when rows are broken."""
    from backend.enrolment import command

    with steps() as progress, launch.database(progress) as dsn:
        progress("Applying the workbooks" if apply else "Reading the workbooks")
        report = asyncio.run(command.import_files(dsn, files, school_code=school, apply=apply))
        progress.done()
    print(report.as_json() if as_json else report.as_text())
    if report.broken:
        raise typer.Exit(1)


@cli.command()
def vapid() -> None:
    """Print a new key pair for Web Push."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_numbers().private_value.to_bytes(32, "big")
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    print(f"NHIPCAU_VAPID_PRIVATE_KEY={_base64url(private)}\n# public: {_base64url(public)}")


@cli.command("clean-data")
def clean_data() -> None:
    """Delete the data folder of the embedded database. Refused while it is in use."""
    folder = settings().data_dir.resolve()
    if not (folder / "postgres.lock").exists():
        console.print(f"{folder} holds no data of Nhịp Cầu; nothing deleted")
        return
    with locked(folder):
        shutil.rmtree(folder)
    console.print(f"deleted {folder}")


@contextmanager
def _ready_to_serve() -> Iterator[tuple[str, Steps]]:
    """A database that is up to date, for as long as the block lasts."""
    launch.check_port()
    with steps() as progress, launch.database(progress) as dsn:
        progress("Bringing the database up to date")
        launch.migrate(dsn)
        yield dsn, progress


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def main() -> None:
    """Run one command; turn every expected ending into a sentence and an exit status."""
    try:
        launch.end_politely()
        log.set_up(production=not settings().development)
        cli()
    except launch.Stopped:
        console.print("\nStopped.")
        raise
    except Problem as problem:
        from backend.core.graphql.problems import words

        console.print(f"[red]Refused:[/red] {words(problem.code, 'en', **problem.params)}")
        sys.exit(2)
    except (launch.CannotStart, PostgresUnavailable) as reason:
        console.print(f"[red]Cannot start:[/red] {reason}")
        sys.exit(2)
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}".strip() for e in error.errors())
        console.print(f"[red]Cannot start:[/red] settings: {reasons}")
        sys.exit(2)


if __name__ == "__main__":
    main()
