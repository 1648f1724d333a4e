"""What a scenario looks like from outside: schema, presets, older versions, canonical form and hash."""
