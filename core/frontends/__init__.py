"""From waveform to representation: one front-end a file, each knowing its axes."""
