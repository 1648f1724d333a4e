"""What is seen: each function makes one part of a page of a model, in the language of the page."""
