"""What a process of its own needs to work on the database of the test."""

import socket

from django.conf import settings
from django.db import connection


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def database_url():
    database = settings.DATABASES["default"]
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**database)
    return url + connection.settings_dict["NAME"]
