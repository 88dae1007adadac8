"""The most memory that a process has taken itself, for programs that are run by `python -c`."""

PEAK = '''
import resource, sys

def peak():
    """Return bytes. What getrusage says begins with what the parent had when it made this process."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
'''
"""Defines `peak()`."""
