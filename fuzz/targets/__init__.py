"""One target a file: `one` takes an input, `mutate` changes one, `seeds` may make some."""
