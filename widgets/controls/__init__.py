"""What stock widgets lack: small anywidgets, each a Python class beside its script; nothing is loaded.

A control shows its traits and tells its ``on_…`` callback what the visitor does. Words come from outside.
"""
