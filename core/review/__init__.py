"""Review: what people judge disputed clips to be; kept at once, apart from labels and from every figure."""
