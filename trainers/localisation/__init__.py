"""How well a detector marks spoofed parts: clips made for it, the rule fitted on some, figures from the others."""
