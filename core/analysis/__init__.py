"""Pure analysis: figures, intervals, votes and maps from scores and embeddings. Arrays and frames in and out."""
