"""The package `fuzz` stands beside `tests` and is not installed: here it gets its name."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "fuzz"

# The folder of the clone must not be on the path: modules below `src` would have two names then.
if "fuzz" not in sys.modules:
    _spec = spec_from_file_location(
        "fuzz", _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)]
    )
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["fuzz"] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["fuzz"])
