"""What is kept: tables and migrations, repositories over them, and the file store. The only room with SQL.

A repository is a small class over a ``Database``: it takes and returns frozen dataclasses, and everything it
reads or writes lies within a ``Scope`` (a farm, and one owner where wanted).
"""
