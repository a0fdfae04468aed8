"""The page: one Gradio app with a tab per view; it imports ``core`` and computes nothing of its own."""
