"""The queue of disputed clips: one clip at a time, judged by keys, votes hidden until then."""
