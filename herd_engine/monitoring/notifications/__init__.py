"""What is told to others: channels, events, and the process that sends them and keeps trying."""
