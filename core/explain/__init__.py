"""What made a score: attributions on the clip's own spectrogram, one method a file, each with a faithfulness check."""
