"""The command line: `yikou --help`. Every command ends with 0, or with one clear sentence and 1 or 2."""

from typing import Annotated

import typer

from services.commands import backup as backup_command
from services.commands import bench as bench_command
from services.commands import calendar as calendar_command
from services.commands import chaos as chaos_command
from services.commands import demo as demo_command
from services.commands import feed as feed_command
from services.commands import locate as locate_command
from services.commands import migrate as migrate_command
from services.commands import migrate_data as migrate_data_command
from services.commands import outbox as outbox_command
from services.commands import parked as parked_command
from services.commands import people
from services.commands import restore as restore_command
from services.commands import secret_files as secret_files_command
from services.commands import suggest as suggest_command
from services.commands import topic as topic_command
from services.commands import unit as unit_command
from services.commands import unit_keys as unit_keys_command
from services.commands import vacancies as vacancies_command
from services.commands.plainly import plainly
from services.commands.serve import serve as serve_services
from services.kernel.settings import Settings

app = typer.Typer(help="一口受理 Yikou: the case routing behind a labour hotline.", no_args_is_help=True)
account, token = typer.Typer(no_args_is_help=True), typer.Typer(no_args_is_help=True)
app.add_typer(account, name="account", help="People who sign in.")
app.add_typer(token, name="token", help="Machine clients.")
app.add_typer(parked_command.app, name="parked", help="Messages that could not be applied.")
app.add_typer(outbox_command.app, name="outbox", help="Events kept to fill a lost log again.")
app.add_typer(calendar_command.app, name="calendar", help="Holidays and make-up workdays.")
app.command("feed")(feed_command.command)
app.command("bench")(bench_command.command)
app.command("chaos")(chaos_command.command)
app.command("locate")(locate_command.command)
app.command("suggest")(suggest_command.command)
app.command("migrate")(migrate_command.command)
app.command("migrate-data")(migrate_data_command.command)
app.command("backup")(backup_command.command)
app.command("restore")(restore_command.command)
app.add_typer(secret_files_command.app, name="secrets", help="Key ring and passwords, as files.")
unit_command.app.add_typer(unit_keys_command.app, name="key")
app.add_typer(unit_command.app, name="unit", help="Units that have a system of their own.")
app.add_typer(vacancies_command.app, name="vacancy", help="The city's list of vacancies.")
app.add_typer(topic_command.app, name="topic", help="The topic of the event log on Kafka.")

Services = Annotated[list[str] | None, typer.Argument(help="Names of services, or all.")]


@app.command()
def serve(services: Services = None) -> None:
    """Serve these services (default: all) in one process until Ctrl-C."""
    serve_services(services or ["all"], Settings.read())


@app.command()
def demo() -> None:
    """Serve all services with sample cases, demo accounts and simulated partners."""
    demo_command.demo(Settings.read())


@account.command("add")
def add_account(
    name: str,
    role: Annotated[str, typer.Option(help="agent, supervisor, operator, officer …")],
    staff_number: Annotated[str | None, typer.Option(help="工号")] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit whose tasks the person sees; repeatable.")
    ] = None,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add a person who signs in with a password."""
    people.add(Settings.read(), name, password, role, staff_number, unit or [])
    typer.echo(f"已添加账号 {name}。/ Added {name}.")


@token.command("create")
def create_token(
    role: Annotated[str, typer.Option(help="machine, agent, supervisor, operator, monitor …")],
    name: Annotated[str, typer.Option(help="The client's name.")],
    unit: Annotated[list[str] | None, typer.Option(help="Unit whose tasks it sees; repeatable.")] = None,
) -> None:
    """Make a token and print it, once."""
    typer.echo(people.token(Settings.read(), role, name, unit or []))


def main() -> None:
    """Run a command; what cannot be done is one sentence on stderr, never a stack trace."""
    plainly(app)


__all__ = ["app", "main"]
