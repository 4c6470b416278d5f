"""The command line."""

import errno
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from netview import __version__, front

_HELP = {"help_option_names": ["-h", "--help"]}
_COMPLETE = "_NETVIEW_COMPLETE"
_THEMES = ("dark", "light", "safe", "contrast", "ansi", "mono")


class Seconds(click.FloatRange):
    """A range that holds numbers alone: NaN is neither less than its least nor more than its most."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises click.BadParameter for what is no number or outside of the range."""
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


_OPTIONS = (
    click.option("--demo", is_flag=True, help="Look at a private lab network: no root, no Docker."),
    click.option("--replay", metavar="FILE", type=click.Path(path_type=Path), help="Look at a recording."),
    click.option("--backend", type=click.Choice(["native", "pyroute2"]), help="How the kernel is read (native)."),
    click.option("--interval", metavar="SECONDS", type=Seconds(0.5, 10), help="From sample to sample (1)."),
    click.option("--units", type=click.Choice(["bit", "byte"]), help="Of rates (bit)."),
    click.option("--theme", type=click.Choice(_THEMES), help="Colours (dark); safe is for the colour-blind."),
    click.option("--ascii", is_flag=True, help="Draw with ASCII alone; by itself where the locale is not UTF-8."),
    click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="A configuration in place of your own."),
    click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal."),
)


class Netview(click.Group):
    """Subcommands, and a NAME in place of one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember whether "--" stands before the first word."""
        given = list(args)
        after_word = super().parse_args(ctx, args)
        before = len(given) - len(after_word) - 2
        ctx.meta["escaped"] = before >= 0 and given[before] == "--"
        return after_word

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """A word that is no subcommand, or that stands after "--", is a NAME."""
        if ctx.meta["escaped"]:
            return "NAME", show, ["--", *args]
        if args[0] not in self.commands:
            return "NAME", show, args
        return super().resolve_command(ctx, args)


class Name(click.ParamType[str]):
    """What has a name on this host; any word may be one."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The links of this namespace, and the named namespaces."""
        del ctx, param
        from netview.commands.completion import names

        return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that stand before a command's name or after it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(cls=Netview, invoke_without_command=True, context_settings=_HELP, subcommand_metavar="[NAME | COMMAND [ARGS]...]")
@click.version_option(__version__, prog_name="netview", message="%(prog)s %(version)s")
@click.option("--print-config", is_flag=True, help="Print a whole configuration, with yours in it.")
@_options
@click.pass_context
def netview(ctx: click.Context, /, *, print_config: bool, **given: Any) -> int:
    """Every wire of a Linux container host's network, live in a terminal.

    NAME is a container, link, address, MAC or pid that the app opens on; one that is called like a command is written after two
    dashes: netview -- which. Without a terminal on stdout the wiring is printed as a tree.
    """
    ctx.obj = given
    if sys.platform != "linux":
        front.tell(f"it reads the Linux kernel, and this is {sys.platform}")
        ctx.exit(1)
    if print_config:
        from netview.commands import config

        ctx.exit(config.show(_settings(ctx, {})))
    if ctx.invoked_subcommand is not None:
        return 0
    from netview.commands import app

    return front.run(_settings(ctx, {}), lambda settings: app.show(settings, None))


@click.command()
@click.argument("name", type=Name())
@_options
@click.pass_context
def show(ctx: click.Context, /, name: str, **given: Any) -> int:
    """The app, opened on NAME: a container, link, address, MAC or pid."""
    from netview.commands import app

    return front.run(_settings(ctx, given), lambda settings: app.show(settings, name))


@netview.command(context_settings=_HELP)
@click.argument("name", type=Name())
@_options
@click.pass_context
def which(ctx: click.Context, /, name: str, **given: Any) -> int:
    """Whose NAME is and where it is plugged in, in one line.

    NAME is a link, address, MAC, container, namespace or pid. Exit code 1 where nothing is called that.
    """
    from netview.commands import which as command

    return front.run(_settings(ctx, given), lambda settings: command.which(settings, name))


@netview.command(context_settings=_HELP)
@click.option(
    "-o",
    "output",
    type=click.Choice(["tree", "json", "dot", "mermaid", "svg"]),
    default="tree",
    help="What it looks like (tree).",
)
@click.option("--sockets", is_flag=True, help="With every namespace's sockets and who holds them.")
@click.option("--facts", is_flag=True, help="With every container's hostname, resolv.conf and hosts.")
@_options
@click.pass_context
def snapshot(ctx: click.Context, /, output: str, **given: Any) -> int:
    """One moment, to stdout."""
    from netview.commands import snapshot as command

    front_ends = {
        "tree": command.tree,
        "json": command.json,
        "dot": command.dot,
        "mermaid": command.mermaid,
        "svg": command.svg,
    }
    return front.run(_settings(ctx, given), front_ends[output])


@netview.command(context_settings=_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", metavar="N", type=click.IntRange(min=1), help="Stop after so many samples.")
@_options
@click.pass_context
def record(ctx: click.Context, /, file: Path, count: int | None, **given: Any) -> int:
    """Samples to FILE, which must be new, until ctrl+c.

    Play it with: netview --replay FILE
    """
    from netview.commands import record as command

    return front.run(_settings(ctx, given), lambda settings: command.record(settings, file, count))


@netview.command(context_settings=_HELP)
@click.option("-o", "output", type=click.Choice(["ndjson"]), default="ndjson", help="How it is written: an object a line.")
@_options
@click.pass_context
def watch(ctx: click.Context, /, output: str, **given: Any) -> int:
    """What appears, changes and goes, as it happens, until ctrl+c."""
    del output
    from netview.commands import watch as command

    return front.run(_settings(ctx, given), command.watch)


@netview.command(context_settings=_HELP)
@click.option(
    "--bind", metavar="ADDRESS", default="127.0.0.1", help="Listen here instead: everybody there can see what root sees."
)
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), default=0, help="Listen on this one (a free one).")
@_options
@click.pass_context
def serve(ctx: click.Context, /, bind: str, port: int, **given: Any) -> int:
    """The app in a browser, at a secret address on this machine, until ctrl+c.

    Needs the extra: pip install 'netview-tui[serve]'. From another machine: ssh -L PORT:127.0.0.1:PORT HOST
    """
    settings = _settings(ctx, given)
    words = [word for options in (ctx.obj, given) for name, value in options.items() if value for word in _words(name, value)]
    from netview.commands import serve as command

    return command.serve(settings, words, bind, port)


@netview.command(context_settings=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """What a shell needs to complete netview's words: eval "$(netview completion bash)"."""
    kind = get_completion_class(shell)
    from netview.commands import completion as command

    return 1 if kind is None else command.completion(kind(netview, {}, "netview", _COMPLETE).source())


@netview.command(context_settings=_HELP)
@click.argument("source", metavar="FROM", type=Name())
@click.argument("destination", metavar="TO", type=Name())
@click.option("--proto", type=click.Choice(["tcp", "udp", "icmp"]), help="What is sent (icmp, with a port tcp).")
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), help="Where it is sent to.")
@click.option("--size", metavar="BYTES", type=click.IntRange(28, 65535), help="Of its packets, which stay whole.")
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", help="How it is written (text).")
@_options
@click.pass_context
def path(ctx: click.Context, /, source: str, destination: str, **given: Any) -> int:
    """The way of a packet from FROM to TO and of its reply, hop by hop, and what decides each hop.

    FROM is a container, namespace, link or address here, TO one of them or any address. Nothing is sent. Exit code 0 where it
    gets through, 1 where it does not, 3 where nobody can tell.
    """
    proto, port, size, output = (given.pop(name) for name in ("proto", "port", "size", "output"))
    from netview.derive.path.ends import Query

    query = Query(source, destination, proto, port, size or 0)
    from netview.commands import path as command

    return front.run(_settings(ctx, given), lambda settings: command.path(settings, query, output))


@netview.command(context_settings=_HELP)
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", help="How it is written (text).")
@_options
@click.pass_context
def doctor(ctx: click.Context, /, output: str, **given: Any) -> int:
    """What is wrong with this host's network, what proves it, and what people do about it.

    Nothing is changed. Exit code 0 where nothing is found, 1 where something is, 2 where nobody could look.
    """
    from netview.commands import doctor as command

    return front.run(_settings(ctx, given), lambda settings: command.doctor(settings, output))


@netview.command(context_settings=_HELP)
@click.argument("source", metavar="FROM", type=Name(), required=False)
@click.argument("destination", metavar="TO", type=Name(), required=False)
@click.option("--proto", type=click.Choice(["tcp", "udp", "icmp"]), help="What is traced (icmp, with a port tcp).")
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), help="Where it is sent to.")
@click.option("--count", metavar="N", type=click.IntRange(1, 10_000), default=100, help="Stop after so many packets (100).")
@click.option("--seconds", metavar="S", type=Seconds(0.1, 3600), default=30, help="Stop after so long (30).")
@click.option("--yes", is_flag=True, help="Add the table without asking.")
@click.option("-o", "output", type=click.Choice(["text", "ndjson"]), default="text", help="How it is written (text).")
@_options
@click.pass_context
def trace(ctx: click.Context, /, source: str | None, destination: str | None, **given: Any) -> int:
    """Real packets from FROM to TO and back, with each rule that they meet and where they end.

    A table of netview's own marks them in the namespaces on their way; it is shown first and goes with this process. Without
    FROM and TO nothing is added, and what others have marked is read. Nothing is sent. Exit code 0 where packets are seen, 1
    where one does other than its path says, 3 where none is seen.
    """
    proto, port, count, seconds, sure, output = (
        given.pop(name) for name in ("proto", "port", "count", "seconds", "yes", "output")
    )
    if (source is None) is not (destination is None):
        raise click.UsageError("give both FROM and TO, or neither to read what others have marked", ctx)
    from netview.commands import trace as command
    from netview.derive.path.ends import Query

    query = None if source is None or destination is None else Query(source, destination, proto, port)
    asked = command.Asked(query, count, seconds, sure, output)
    try:
        return front.run(_settings(ctx, given), lambda settings: command.trace(settings, asked))
    except command.UnsureError as error:
        raise click.UsageError(str(error), ctx) from None


@netview.command(context_settings=_HELP)
@click.argument("points", metavar="[POINT]...", type=Name(), nargs=-1)
@click.option("--along", metavar="FROM TO", type=Name(), nargs=2, help="At every link of the path from FROM to TO, and back.")
@click.option("--proto", type=click.Choice(["tcp", "udp", "icmp"]), help="What that path is of (icmp, with a port tcp).")
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), help="Where that path leads to.")
@click.option("--filter", "expression", metavar="EXPRESSION", default="", help='Only these: "tcp port 80 and host 10.0.0.2".')
@click.option("-w", "file", metavar="FILE", help="Write pcapng to a new file; - for stdout.")
@click.option("--count", metavar="N", type=click.IntRange(1), default=1_000, help="Stop after so many packets (1000).")
@click.option("--bytes", "size", metavar="N", type=click.IntRange(1), default=64 << 20, help="Stop after so many bytes (64 MiB).")
@click.option("--seconds", metavar="S", type=Seconds(0.1), default=30, help="Stop after so long (30).")
@click.option("-o", "output", type=click.Choice(["text", "ndjson"]), default="text", help="How it is written (text).")
@_options
@click.pass_context
def capture(ctx: click.Context, /, points: tuple[str, ...], **given: Any) -> int:
    """Packets at many links of many namespaces at once, the same packet at each of them told as one.

    POINT is a link, namespace/link, or a container or namespace for all of its links. Live in Wireshark: netview capture POINT
    -w - | wireshark -k -i -. Nothing is changed; namespaces that are captured in are kept alive until 0.2 s after everybody else
    has left them. Exit code 0 where there were packets, 1 where one that is told does other than the path says, 3 where
    there were none.
    """
    along, proto, port, expression, file, count, size, seconds, output = (
        given.pop(name) for name in ("along", "proto", "port", "expression", "file", "count", "size", "seconds", "output")
    )
    if not points and along is None:
        raise click.UsageError("give a POINT, or --along FROM TO", ctx)
    if along is None and (proto, port) != (None, None):
        raise click.UsageError("--proto and --port are of the path: give --along FROM TO, or --filter for what is captured", ctx)
    from netview.commands import capture as command
    from netview.derive.path.ends import Query
    from netview.live.capturing import Budget

    query = None if along is None else Query(along[0], along[1], proto, port)
    asked = command.Asked(points, query, expression, Budget(count, size, seconds), file, output)
    return front.run(_settings(ctx, given), lambda settings: command.capture(settings, asked))


@netview.command(context_settings=_HELP)
@click.option("--seconds", metavar="S", type=Seconds(0.1, 3600), default=10, help="Look for so long (10).")
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", help="How it is written (text).")
@_options
@click.pass_context
def drops(ctx: click.Context, /, seconds: float, output: str, **given: Any) -> int:
    """What is dropped meanwhile: by links, queues, protocols and conntrack of every namespace, and the kernel's own reasons.

    The reasons come from a tracing instance of netview's own, where tracefs is mounted, which is removed at the end. Exit code 0
    where nothing was dropped, 1 where something was.
    """
    from netview.commands import drops as command

    return front.run(_settings(ctx, given), lambda settings: command.drops(settings, seconds, output))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run netview; the exit code."""
    sys.excepthook = lambda _kind, error, _trace: front.say(front.mistake(error))
    try:
        return int(netview.main(arguments, prog_name="netview", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except front.FrontError as error:
        front.tell(str(error))
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        front.tell(f"cannot write to stdout: {error.strerror}")
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130


def _settings(ctx: click.Context, given: Mapping[str, Any]) -> front.Settings:
    """What stands before the command's name and, with more weight, after it."""
    asked = {name: value for options in (ctx.obj, given) for name, value in options.items() if value}
    if "demo" in asked and "replay" in asked:
        raise click.UsageError("--demo and --replay are two different networks: give one of them", ctx)
    from netview.commands.config import configured

    try:
        config = configured(asked.pop("config", None))
    except front.FrontError as error:
        raise click.UsageError(str(error)) from None
    wanted = {name: value for name, value in config.settings.items() if name != "mouse"}
    wanted["no_mouse"] = not config.settings.get("mouse", True)
    wanted["ascii"] = wanted.get("ascii", False) or not _is_utf8(os.environ)
    settings = front.Settings(**(wanted | asked), config=config)
    return settings if settings.replay is None else replace(settings, mode="REPLAY")


def _words(name: str, value: Any) -> tuple[str, ...]:
    """An option as it is written."""
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return (option,)
    return option, str(value.absolute() if isinstance(value, Path) else value)


def _is_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale is; a lone LC_CTYPE=C.UTF-8 is what Python itself makes of the C locale (PEP 538)."""
    ctype = environ.get("LC_CTYPE", "")
    locale = environ.get("LC_ALL") or ("" if ctype == "C.UTF-8" else ctype) or environ.get("LANG", "")
    return locale.lower().replace("-", "").endswith("utf8")
