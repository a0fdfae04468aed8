"""A child that reports ready and then answers nothing: what a reader caught in a loop looks like."""

import os
import struct
import time

os.write(1, struct.pack(">IQ", 2, 0) + b"{}")
time.sleep(600)
