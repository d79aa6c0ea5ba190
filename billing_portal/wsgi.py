"""Door for a WSGI server: gunicorn billing_portal.wsgi."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_portal.settings")

application = get_wsgi_application()

# A WSGI server does not run system checks by itself; an error must stop the start here too.
call_command("check", fail_level="ERROR", verbosity=0)
