"""Ways to lay clips out on a plane, one file each."""
