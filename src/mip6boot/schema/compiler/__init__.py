"""From a layout to straight-line Python, written when a class is first used."""
