"""Door for a WSGI server: gunicorn billing_portal.wsgi."""

import os

from django.core.checks import ERROR, run_checks
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_portal.settings")

application = get_wsgi_application()

# A WSGI server does not run system checks by itself; an error must stop the start here too.
errors = [str(found) for found in run_checks() if found.is_serious(ERROR)]
if errors:
    raise SystemExit("\n".join(errors))
