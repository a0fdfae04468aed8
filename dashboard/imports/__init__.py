"""Anyone's predictions: what a visitor brings, the panel that it makes, and what is shown of it."""
