"""What is not as the farm wants it: rules, their rates, and the animals that they catch."""
