"""`python -m mip6boot` is the command."""

from mip6boot.cli import main

main()
