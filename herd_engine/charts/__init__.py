"""Result → chart and table twin; pure."""
