"""Which lever moves a number of the forecast, and by how much: one step of management each way."""
