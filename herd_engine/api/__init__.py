"""REST and streams over the Workbench: for programs what the apps are for people."""
