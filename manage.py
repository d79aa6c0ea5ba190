#!/usr/bin/env python
"""Command line of the portal: `python manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error, OperationalError

    # What an operator can mend is said in a sentence, without a traceback.
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Wrong setting: {error}")
    except OperationalError as error:
        sys.exit(f"The database does not answer: {error}".strip())
    except Error as error:
        sys.exit(f"The database refused: {error}".strip() + "\nIf tables are missing: make migrate")
    except KeyboardInterrupt:
        sys.exit("Interrupted. What is stored is whole; the same command goes on from there.")


if __name__ == "__main__":
    main()
