"""What a worker begins with of a cluster that a run starts here: Ctrl-C is for the run, which ends it."""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
