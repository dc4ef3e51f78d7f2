"""The commands and their options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..errors import Mip6bootError
from ..packets import PORT_PROTOCOLS
from . import decode as decoding
from . import encode as encoding

__all__ = ["run"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mip6boot")
def cli() -> None:
    """Mobile IPv6 bootstrapping: decode captures, and make them."""


@cli.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option(
    "--demo", is_flag=True, help="Decode the captures of real home agents that are shipped."
)
@click.option("--hex", "hexdigits", metavar="HEX", help="Decode these octets instead of a file.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(decoding.KINDS),
    default="mipv6",
    show_default=True,
    help="What the octets of --hex are.",
)
@click.option("--json", "output", flag_value="json", help="One JSON object a line.")
@click.option("--explain", "output", flag_value="explain", help="Every octet, what it is.")
@click.option(
    "--strict/--lenient", default=False, help="Refuse a message with a bad option, or keep it."
)
@click.option(
    "--filter",
    "protocols",
    multiple=True,
    metavar="PROTOCOL",
    help="Only packets with this protocol (mipv6, dhcpv6, ikev2, esp ...); may be repeated.",
)
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="PORT=PROTOCOL",
    callback=lambda _, __, values: [_port(value) for value in values],
    help=f"What a port carries ({', '.join(PORT_PROTOCOLS)}); may be repeated.",
)
@click.option(
    "--keys",
    metavar="DIR_OR_FILE",
    help="Opens what Wireshark's ikev2_decryption_table or esp_sa, or a folder of them, covers.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True,
              help="Processes to decode with.")  # fmt: skip
def decode(files: tuple[str, ...], **options: Any) -> int:
    """Decode captures (pcap, pcapng, gzip; `-` is standard input)."""
    return decoding.run(files, **options)


@cli.command()
@click.argument("file", metavar="FILE.jsonl")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="A .pcap or .pcapng file.")  # fmt: skip
def encode(file: str, output: Path) -> int:
    """Make a capture of what `decode --json` wrote (`-` is standard input)."""
    return encoding.run(file, output)


@cli.command()
@click.option("--profile", type=click.Choice(["seed", "ts23402"]), default="ts23402",
              show_default=True, help="Which text is followed where they differ.")  # fmt: skip
@click.option("--discovery", type=click.Choice(["dhcpv6", "dns"]), default="dhcpv6",
              show_default=True, help="How the home agent is found.")  # fmt: skip
@click.option("--auth", "authentication", type=click.Choice(["eap-aka", "certificate", "psk"]),
              default="eap-aka", show_default=True,
              help="How the UE proves itself to the home agent.")  # fmt: skip
@click.option("--home-address",
              type=click.Choice(["pool", "aaa", "home-dhcp", "autoconfigured"]), default="pool",
              show_default=True, help="Where the home address comes from.")  # fmt: skip
@click.option("--then", "later", multiple=True,
              type=click.Choice(["refresh", "move", "de-registration", "network-detach",
                                 "return-home"]),
              help="What happens afterwards; may be repeated.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True,
              help="The same seed is the same octets.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="A .pcapng file of all links, with the steps as comments.")  # fmt: skip
@click.option("--keys", type=click.Path(path_type=Path),
              help="Write Wireshark's key tables into this folder.")  # fmt: skip
@click.option("--json", "form", flag_value="json", help="One JSON object a line.")
@click.option("--tree", "form", flag_value="tree", help="Every message in full.")
def attach(**options: Any) -> int:
    """Run the S2c roaming attach of TS 23.402, all systems in memory, with real octets."""
    from .attach import run as attaching

    return attaching(**options)


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--shared", multiple=True, metavar="HEX", help="Shared secret of a key exchange.")
@click.option(
    "--private",
    multiple=True,
    metavar="HEX",
    help="Private value of a key exchange, of either peer.",
)
@click.option(
    "--sk-d", "sk_d", multiple=True, metavar="HEX", help="SK_d of an IKE SA that --keys has."
)
@click.option(
    "--keys", "tables", metavar="DIR_OR_FILE", help="Wireshark's tables of what is known already."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all keys.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False),
              help="Write the two tables into this folder instead of printing them.")  # fmt: skip
def keys(file: str, **options: Any) -> int:
    """Derive the keys of a capture's IKE and child SAs, and print Wireshark's tables of them.

    Each secret may be given several times, and as @FILE that holds the digits.
    """
    from .keys import run as derive

    return derive(file, **options)


@cli.command()
@click.option("-o", "--output", required=True, metavar="DIR",
              type=click.Path(path_type=Path, file_okay=False),
              help="A folder that is not there, or is empty.")  # fmt: skip
@click.option("--protocol", required=True,
              type=click.Choice(["dhcpv6", "diameter", "eap", "ikev2", "mipv6", "packet"]),
              help="Whose messages; or whole frames, of Ethernet.")  # fmt: skip
@click.option("--grade", type=click.Choice(["any", "legal", "near_legal", "hostile"]),
              default="near_legal", show_default=True,
              help="Whatever encodes, legal, with one thing wrong, or mutated.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, 1_000_000), default=1000, show_default=True,
              help="How many.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True,
              help="The same seed is the same octets, by the same versions.")  # fmt: skip
@click.option("--format", type=click.Choice(["bin", "pcap", "jsonl"]), default="bin",
              show_default=True,
              help="A file a message, one capture, or lines that say what is wrong.")  # fmt: skip
def corpus(**options: Any) -> int:
    """Make seeds for fuzzers: messages of a protocol, legal or not, as files."""
    from .corpus import run as making

    return making(**options)


def _port(text: str) -> tuple[int, str]:
    """A port and its protocol, not checked further."""
    port, equals, protocol = text.partition("=")
    if not equals or not (port.isascii() and port.isdigit()):
        raise click.BadParameter(f"{text!r} is not PORT=PROTOCOL")
    return int(port), protocol


def run(arguments: list[str]) -> int:
    """Run the command; the exit status.  Errors are one line on standard error."""
    try:
        result = cli.main(arguments, prog_name="mip6boot", standalone_mode=False)
    except click.ClickException as e:
        e.show()
        return 2
    except click.Abort:
        return 130
    except Mip6bootError as e:
        print(f"mip6boot: {e}", file=sys.stderr)
        return 2
    return result if isinstance(result, int) else 0
