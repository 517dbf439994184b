"""`python -m tieline`."""

from tieline.cli.entry import main

main()
