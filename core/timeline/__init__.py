"""P(spoof) over time: the timeline of a recording, the segments it marks, and the files that others read."""
