"""The lab: clips whose evidence is known, and how well the maps of a detector find it."""
