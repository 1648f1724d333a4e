"""Files to run Herd Workbench elsewhere, and what an operator does when something fails."""
