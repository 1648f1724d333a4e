"""The apps: each module makes one page of models and views."""
