"""The one reader of YAML: plans, contracts, policies. What it returns is plain data, as JSON has it.

YAML can do more than a settings file needs, and some of it does harm: a few lines of aliases stand for
billions of values, an alias can contain itself, ``NO`` is false, ``010`` is eight, a second key of one name
replaces the first without a word. This reader bounds what it reads and refuses, with the line, what people
would read otherwise than a program:

- numbers, ``true``, ``false`` and ``null`` are what JSON calls so; every other plain text is that text;
- a date is text (``2026-02-28``) and exists in the calendar;
- keys are texts as they are written, each once;
- anchors, aliases and merge keys (``<<``) work, as long as the file written out in full stays small.
"""
