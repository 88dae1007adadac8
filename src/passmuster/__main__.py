"""`python -m passmuster`."""

from passmuster.cli.main import main

main()
