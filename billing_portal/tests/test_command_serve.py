"""The portal as a newcomer starts it: served, answering, gone after Ctrl-C."""

import re
import signal
import urllib.request

import pytest

from billing_portal.tests.serving import served


def answer(url):
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.status, response.read().decode()


@pytest.mark.django_db(transaction=True)
def test_it_serves_pages_with_their_style_and_ends_on_ctrl_c():
    with served() as (process, url):
        status, page = answer(f"{url}/")
        assert (status, "Confluent Billing Portal" in page) == (200, True)
        assert answer(f"{url}/static/css/portal.css")[0] == 200
        assert answer(f"{url}/healthz")[0] == 200

        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        with pytest.raises(OSError, match="refused"):
            answer(f"{url}/")


@pytest.mark.django_db(transaction=True)
def test_it_names_files_by_their_content_in_production_so_that_browsers_keep_them():
    with served(ENVIRONMENT="production", SECRET_KEY="x1" * 30) as (_, url):
        _, page = answer(f"{url}/login/")
        (name,) = re.findall(r'href="(/static/css/portal\.[0-9a-f]{12}\.css)"', page)

        with urllib.request.urlopen(f"{url}{name}", timeout=5) as response:
            kept = response.headers["Cache-Control"]

    assert kept == "max-age=315360000, public, immutable"
