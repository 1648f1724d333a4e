"""What people see: view-models in plain Python, views of widgets, texts, the pages of Voila."""
