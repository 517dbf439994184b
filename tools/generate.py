"""Run every generator of this folder: each `generate_*.py` writes files that are checked in."""

import runpy
from pathlib import Path

for generator in sorted(Path(__file__).parent.glob("generate_*.py")):
    runpy.run_path(str(generator), run_name="__main__")
