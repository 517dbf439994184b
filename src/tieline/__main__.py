"""`python -m tieline`."""

from tieline.cli.app import main

main()
