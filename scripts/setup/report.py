"""How the set-up's Python ends: with nothing, or with one sentence."""
import errno
import sys

from catalogue import SetupError


def report_errors(main):
    try:
        main()
    except SetupError as error:
        sys.exit(f"antiphon: {error}")
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sys.exit(f"antiphon: {'the disk is full' if full else 'a file could not be used'}: {error}")
    except KeyboardInterrupt:
        sys.exit("antiphon: interrupted; the next call continues.")
